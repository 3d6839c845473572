package outbox

import (
	"time"

	"earshot/alerting"
)

// Job is one step to be performed for one ticket. It is immutable.
type Job struct {
	Ticket *Ticket
	Step   Step
	Case   *alerting.Case   // as it was when the job was made; nil in a summary
	Cases  []*alerting.Case // of a summary
	Notes  []alerting.Update
	File   *alerting.Attachment // of StepAttach
	At     time.Time
	before *Ticket // as it was before it was sent
}

// Outcome is what came of a job.
type Outcome struct {
	Job    *Job
	Remote Remote // of StepFind, StepCreate and others that return it
	Found  bool   // of StepFind
	Human  Human  // of StepRead
	Err    error  // nil: it was done
}
