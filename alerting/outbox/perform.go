package outbox

import (
	"context"
	"errors"
	"fmt"
)

// Perform does a job at its destination, once. Whatever happens on the way is in
// the outcome: what is not told apart leaves the job in doubt. The content is
// that of the job, nil for steps that only ask; the file is that of StepAttach.
func Perform(ctx context.Context, d Destination, j *Job, c *Content, f *File) (o Outcome) {
	o.Job = j
	defer func() {
		if p := recover(); p != nil {
			// What it panicked with may hold anything of a request.
			o.Err = &Failure{Kind: Doubtful, Text: fmt.Sprintf("the code of this destination failed (%T): please report it", p)}
		}
	}()
	t := j.Ticket
	switch j.Step {
	case StepFind:
		o.Remote, o.Found, o.Err = d.Find(ctx, t)
	case StepCreate:
		o.Remote, o.Err = d.Create(ctx, t, c)
	case StepReopen:
		o.Remote, o.Err = d.Reopen(ctx, t, c)
	case StepUpdate, StepRefresh:
		o.Remote, o.Err = d.Update(ctx, t, c)
	case StepComment:
		o.Err = d.Comment(ctx, t, c)
	case StepAttach:
		o.Err = d.Attach(ctx, t, f)
	case StepClose:
		o.Remote, o.Err = d.Close(ctx, t, c)
	case StepRead:
		o.Human, o.Err = d.Read(ctx, t)
	default:
		o.Err = &Failure{Kind: Refused, Text: fmt.Sprintf("there is no step %q", j.Step)}
	}
	if f := (*Failure)(nil); o.Err != nil && !errors.As(o.Err, &f) {
		switch {
		case errors.Is(o.Err, context.DeadlineExceeded):
			o.Err = &Failure{Kind: Doubtful, Text: "it took too long to answer"}
		case errors.Is(o.Err, context.Canceled):
			o.Err = &Failure{Kind: Doubtful, Text: "the probe ended meanwhile"}
		}
	}
	return o
}
