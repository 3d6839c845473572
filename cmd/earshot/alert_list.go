package main

import (
	"context"
	"encoding/json"
	"fmt"

	"earshot/report"
	"earshot/web"
)

// alertList prints the alerts of a running probe: a table, or JSON lines.
func alertList(ctx context.Context, f *alertFlags, args []string, std stdio) error {
	if len(args) > 0 {
		return usageError("alert list takes no arguments, got %q", args[0])
	}
	c, err := f.client.open()
	if err != nil {
		return err
	}
	var list web.AlertList
	if err := c.get(ctx, "/api/v1/alerts?format=earshot", &list); err != nil {
		return err
	}
	if f.json {
		e := json.NewEncoder(std.out)
		for i := range list.Alerts {
			if err := e.Encode(&list.Alerts[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list.Alerts) == 0 {
		fmt.Fprintln(std.out, "No alert is pending or firing.")
		return nil
	}
	report.Alerts(std.out, style(f.color, std.out), list.Alerts)
	return nil
}
