package alerting

// Goal is one of the three targets of a case.
type Goal uint8

// The goals.
const (
	Response    Goal = iota // the first answer
	Restoration             // the service is back, or has a workaround
	Resolution              // the root cause has a fix or a workaround
	Goals
)

var goalNames = [Goals]string{"response", "restoration", "resolution"}

// String returns "response", "restoration" or "resolution".
func (g Goal) String() string {
	if g < Goals {
		return goalNames[g]
	}
	return "unknown goal"
}

// Targets are how long each goal may take from the opening of a case; a zero
// amount is no target.
type Targets [Goals]Amount

// Plan is what was agreed on: targets by severity, when a target's end is
// warned of, and the timers of escalation and follow-up. It is immutable; which
// calendar its business time is of is the tenant's.
type Plan struct {
	Name        string
	BySeverity  [Severities]Targets // by Severity; the first is unused
	WarnPercent int                 // of a target: when a breach is warned of
	MetPercent  int                 // of restoration targets: how many are to be met
	Escalation  Escalation
	FollowUp    FollowUp
}

// Target returns the target of a goal, zero where there is none.
func (p *Plan) Target(s Severity, g Goal) Amount {
	if !s.Valid() || g >= Goals {
		return Amount{}
	}
	return p.BySeverity[s][g]
}

// The names of the built-in plans.
const (
	Care         = "care"
	BusinessCare = "business-care"
	LevelOne     = "level-one"
)

// BuiltinPlans returns the built-in plans, each by its name: care,
// business-care and level-one (a partner's first line).
func BuiltinPlans() map[string]*Plan {
	return map[string]*Plan{
		Care: builtin(Care, [Severities]Targets{
			Critical: {Of(4, Hours), Of(6, Hours), Of(15, BusinessDays)},
			High:     {Of(6, BusinessHours), Of(4, BusinessDays), Of(15, BusinessDays)},
			Medium:   {Of(1, BusinessDays), Of(10, BusinessDays), Of(30, BusinessDays)},
			Low:      {Response: Of(2, BusinessDays)},
		}),
		BusinessCare: builtin(BusinessCare, [Severities]Targets{
			Critical: {Of(15, Minutes), Of(4, Hours), Of(15, BusinessDays)},
			High:     {Of(2, BusinessHours), Of(2, BusinessDays), Of(15, BusinessDays)},
			Medium:   {Of(4, BusinessHours), Of(5, BusinessDays), Of(15, BusinessDays)},
			Low:      {Response: Of(1, BusinessDays)},
		}),
		LevelOne: builtin(LevelOne, [Severities]Targets{
			Critical: {Response: Of(1, Hours)},
			High:     {Response: Of(4, Hours)},
			Medium:   {Response: Of(24, Hours)},
			Low:      {Response: Of(24, Hours)},
		}),
	}
}

func builtin(name string, targets [Severities]Targets) *Plan {
	return &Plan{
		Name: name, BySeverity: targets, WarnPercent: 80, MetPercent: 95,
		Escalation: Escalation{
			Silence:   [Severities]Amount{High: Of(24, Hours), Medium: Of(3, BusinessDays)},
			RootCause: Of(5, BusinessDays),
		},
		FollowUp: FollowUp{
			Every: Of(2, BusinessDays), Reminders: 3, CloseAfter: Of(10, BusinessDays), Reopen: Of(30, Days),
		},
	}
}
