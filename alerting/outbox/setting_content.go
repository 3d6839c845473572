package outbox

// contents is how the content of a destination is made.
type contents struct {
	mask   bool
	public string // URL of the probe's web server; "" none
}

// contents reads what a destination shows.
func (d *draft) contents() contents {
	return contents{mask: d.flag("mask", true), public: d.house.Public}
}

// Content is what a destination shows of a job.
func (s *Setting) Content(job *Job, files []File) *Content {
	return &Content{Case: job.Case, Cases: job.Cases, Notes: job.Notes, At: job.At, Files: files}
}
