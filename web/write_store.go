package web

// storeSeries are those of the store of records.
const storeSeries = 15

// store writes what the store of records did and has.
func (p *page) store(probe *Probe) {
	if probe.Records == nil {
		return
	}
	f := probe.Records.Figures()
	p.family("earshot_store_records_total", counter, "Calls, and streams of no call, by what became of them.")
	p.count(`result="written"`, f.Written)
	p.count(`result="dropped"`, f.Dropped)
	p.count(`result="failed"`, f.Failed)
	p.count(`result="refused"`, f.Refused)
	p.count(`result="thinned"`, f.Thinned)
	p.one("earshot_store_queue_records", gauge, "Records that wait to be written.", float64(f.Queued))
	p.one("earshot_store_queue_limit_records", gauge, "How many records may wait.", float64(f.Room))
	p.one("earshot_store_bytes", gauge, "Size of the store, as last looked at.", float64(f.Bytes))
	p.one("earshot_store_free_bytes", gauge, "Free space on its disk, as last looked at.", float64(f.Free))
	p.one("earshot_store_full", gauge, "1 while nothing is written because the disk has no room.", fact(f.Full))
	p.one("earshot_store_files", gauge, "Files of records, one a day.", float64(f.Days))
	p.one("earshot_store_held_files", gauge, "Files that a legal hold keeps.", float64(f.Held))
	p.one("earshot_store_oldest_timestamp_seconds", gauge, "Begin of the oldest day that has a file, Unix.", 86400*float64(f.Oldest))
	p.total("earshot_store_deleted_files_total", "Files that were deleted, for age or for space.", f.Deleted)
	p.total("earshot_store_damaged_files_total", "Files that were found damaged and set aside.", f.SetAside)
}
