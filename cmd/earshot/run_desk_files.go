package main

import (
	"context"
	"log/slog"
	"time"

	"earshot/alerting"
	"earshot/store"
)

// deskFiles are the files of the desk's cases: where they are kept, for how
// long, and who makes evidence. The zero value keeps none.
type deskFiles struct {
	kept      *store.Attachments         // nil: none
	retention *store.AttachmentRetention // of them
	maker     *evidenceMaker             // nil: none
	intake    attachmentIntake           // of what people bring
}

// openFiles opens what the configuration says of the files of cases.
func (c *config) openFiles(log *slog.Logger, events *throttle) (f deskFiles, err error) {
	if f.kept, err = store.OpenAttachments(c.store().Dir, c.attachmentLimits()); err != nil {
		return f, err
	}
	if f.intake, err = c.newIntake(f.kept); err != nil {
		return f, err
	}
	f.retention = c.attachmentRetention()
	f.maker, err = c.newEvidenceMaker(f.kept, log, events)
	return f, err
}

// forCourier is where destinations get files from; nil where there are none.
func (f *deskFiles) forCourier() caseFiles {
	if f.kept == nil {
		return nil
	}
	return f.kept
}

// attach attaches files that are kept already, in the desk's goroutine.
func (d *caseDesk) attach(ctx context.Context, number int, files []alerting.Attachment) error {
	var err error
	asked := d.ask(ctx, func(now time.Time) {
		if _, err = d.desk.Attach(now, number, files); err == nil {
			_, err = d.keep(now)
		}
	})
	if asked != nil {
		return asked
	}
	return err
}

// sweepFiles deletes the files of cases that were closed long enough ago.
func (d *caseDesk) sweepFiles(now time.Time) {
	if d.files.kept == nil {
		return
	}
	gone, err := d.files.kept.Sweep(context.Background(), now, d.cases.CasesReader, d.files.retention)
	if err != nil {
		d.events.event(slog.LevelError, "attachments", "cannot delete old attachments", "error", err)
	}
	if gone.Files > 0 {
		d.log.Info("attachments deleted", "files", gone.Files, "octets", gone.Bytes)
	}
}
