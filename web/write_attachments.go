package web

// attachmentSeries are those of the files of cases.
const attachmentSeries = 3

// attachments writes what the files of cases take.
func (p *page) attachments(probe *Probe) {
	if probe.Attachments == nil {
		return
	}
	s := probe.Attachments.Stats()
	p.one("earshot_attachments_bytes", gauge, "Size of the files of all cases.", float64(s.Bytes))
	p.family("earshot_attachments_total", counter, "Files of cases by what became of them.")
	p.count(`result="kept"`, s.Kept)
	p.count(`result="refused"`, s.Refused)
}
