package report

// MonthQuality is how the calls of a month sounded.
type MonthQuality struct {
	Total    QualityFigures   `json:"total"`
	Days     []QualityDay     `json:"days"` // all of the month, so far
	Segments []QualitySegment `json:"segments"`
	Missing  string           `json:"missing"` // why there is nothing about some days, or all; "" where nothing is missing
}

// QualityFigures are figures of calls that were answered, and of streams of no
// call. A call's MOS is that of its worst stream, for listening, on the scale of
// its codec.
type QualityFigures struct {
	Calls      int      `json:"calls"`
	Impaired   int      `json:"impaired"`
	Scored     int      `json:"scored"`     // that have a MOS
	MOSMedian  *float64 `json:"mos_median"` // null where none has
	MOSLowest5 *float64 `json:"mos_p5"`     // that 5 % do not exceed
}

// QualityDay is one day of the tenant's time zone.
type QualityDay struct {
	Day  string `json:"day"`  // 2026-10-25
	Kept bool   `json:"kept"` // false: there are no records of that day, so nothing is known
	QualityFigures
}

// QualitySegment is one segment of the tenant.
type QualitySegment struct {
	Segment string `json:"segment"`
	QualityFigures
}

// ImpairedBelow and ImpairedAbove are the MOS and the share of loss beyond
// which a stream of no call counts as impaired: those that make a finding of a call.
const (
	ImpairedBelow = 3.6
	ImpairedAbove = 0.01
)

// HurtCodes lists the findings that make a call impaired: those of which its
// people will have heard something.
func HurtCodes() []string {
	var codes []string
	for _, k := range kinds {
		if k.severity == severityFault {
			codes = append(codes, k.code)
		}
	}
	return codes
}

// share is impaired calls as a percentage.
func (f *QualityFigures) share() string {
	if f.Calls == 0 {
		return none
	}
	return percentage(float64(f.Impaired)/float64(f.Calls)) + " %"
}

// cells are the figures in the columns of a table.
func (f *QualityFigures) cells() []string {
	return []string{count(uint64(max(0, f.Calls))), count(uint64(max(0, f.Impaired))), f.share(), mosOrNone(f.MOSMedian), mosOrNone(f.MOSLowest5)}
}

func mosOrNone(mos *float64) string {
	if mos == nil {
		return none
	}
	return score(*mos)
}
