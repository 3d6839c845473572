package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"earshot/spelling"
)

// helpTopics are the commands that help explains; a test holds it against the table.
var helpTopics = []string{"replay", "run", "check", "top", "packets", "sanitise", "calls", "store", "case", "evidence", "change", "outbox", "alert", "report", "receive", "completion", "man", "version"}

func helpCommand() *command {
	return &command{
		name: "help", args: "[COMMAND]", summary: "Explain a command and its flags.",
		words: helpTopics,
		run: func(_ context.Context, args []string, std stdio) error {
			if len(args) == 0 {
				fmt.Fprint(std.out, overview())
				return nil
			}
			c := find(args[0])
			if c == nil {
				return usageError("unknown command %q%s", args[0], spelling.Hint(args[0], commandNames()))
			}
			fmt.Fprint(std.out, c.help())
			return nil
		},
	}
}

// version is set by the linker for releases.
var version = "devel"

func versionCommand() *command {
	return &command{
		name: "version", summary: "Print the version, the commit and the Go release.",
		run: func(_ context.Context, _ []string, std stdio) error {
			fmt.Fprintf(std.out, "earshot %s%s, %s %s/%s\n", version, commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}

// commit returns " (commit)" where the build knows it.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return " (" + s.Value[:min(12, len(s.Value))] + ")"
		}
	}
	return ""
}
