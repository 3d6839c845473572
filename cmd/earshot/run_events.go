package main

import (
	"log/slog"
	"slices"
	"strings"

	"earshot/capture"
	"earshot/spelling"
)

// These are told by the goroutines of the data path: each logs at most a line.

// interfaceChanged is told when an interface comes or goes.
func (p *probe) interfaceChanged(e capture.InterfaceEvent) {
	switch {
	case e.Up && e.Err != nil:
		p.events.event(slog.LevelWarn, "up "+e.Name, "interface is up, but not all that was asked", "interface", e.Name, "error", e.Err)
		return
	case e.Up:
		p.events.event(slog.LevelInfo, "up "+e.Name, "interface is up", "interface", e.Name)
		return
	}
	args := []any{"interface", e.Name}
	if e.Err != nil {
		args = append(args, "error", e.Err)
	}
	if there := localInterfaces(); !slices.Contains(there, e.Name) {
		if hint := spelling.Hint(e.Name, there); hint != "" {
			args = append(args, "hint", strings.Trim(hint, " ()"))
		}
	}
	p.events.event(slog.LevelWarn, "down "+e.Name, "interface is down; waiting for it", args...)
}

// hepEvent is told when a sender of HEP connects, leaves or is refused.
func (p *probe) hepEvent(e capture.HEPEvent) {
	args := []any{"remote", e.Remote}
	if e.Err != nil {
		args = append(args, "error", e.Err)
	}
	switch e.Kind {
	case "connected":
		p.events.event(slog.LevelInfo, "hep connected", "HEP sender connected", args...)
	case "closed":
		p.events.event(slog.LevelInfo, "hep closed", "HEP sender left", args...)
	case "refused":
		args = append(args, "hint", "more connections than hep.max_connections")
		p.events.event(slog.LevelWarn, "hep refused", "HEP sender refused", args...)
	default:
		args = append(args, "hint", "it sent something that is not HEP")
		p.events.event(slog.LevelWarn, "hep broken", "HEP connection broken", args...)
	}
}

// receiverChanged is told when a receiver of HEP can be reached or no longer.
func (p *probe) receiverChanged(address string, up bool, err error) {
	if up {
		p.events.event(slog.LevelInfo, "sender up "+address, "sending HEP", "receiver", address)
		return
	}
	p.events.event(slog.LevelWarn, "sender down "+address, "HEP receiver is away; buffering", "receiver", address, "error", err)
}

// savingChanged is told when capture files cannot be written, and when they can again.
func (p *probe) savingChanged(err error) {
	if err == nil {
		p.events.event(slog.LevelInfo, "save works", "capture files are written again")
		return
	}
	p.events.event(slog.LevelError, "save fails", "cannot write capture files; measuring goes on",
		"error", err, "dir", p.cfg.save().Dir, "hint", "make room, or lower save.total_mb; trying again")
}
