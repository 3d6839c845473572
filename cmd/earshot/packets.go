package main

import (
	"context"
	"fmt"
	"net/url"
	"os"

	"golang.org/x/term"
)

// packetsFlags is what the command line of packets says.
type packetsFlags struct {
	client clientFlags
	out    string
}

func (f *packetsFlags) define() *flagSet {
	fs := newFlagSet("packets")
	fs.group("Which probe", func() { f.client.define(fs.FlagSet) })
	fs.group("Where to", func() {
		fs.StringVar(&f.out, "output", "", "write to `FILE`, - is standard output; default: ID.pcapng")
		fs.StringVar(&f.out, "o", "", "short for --output `FILE`")
	})
	return fs
}

func packetsCommand() *command {
	return &command{
		name: "packets", args: "ID",
		summary: "Get a call's packets from a running probe.",
		about: "Cuts one call (signalling, RTCP, RTP) out of the probe's ring of recent packets and writes it as pcapng. ID is the call's id as \"earshot top\", the API and the records show it, or its Call-ID." +
			" The ring holds what save.memory_mb allows; RTP is cut after its header unless save.memory_rtp is full." +
			" Look at it with: earshot replay --call ID FILE.",
		flags: func() *flagSet { return new(packetsFlags).define() },
		run:   packets,
	}
}

func packets(ctx context.Context, args []string, std stdio) error {
	var f packetsFlags
	fs := f.define()
	rest, err := fs.parse(args)
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] == "" {
		return usageError("packets wants one call: its id or its Call-ID")
	}
	c, err := f.client.open()
	if err != nil {
		return err
	}
	id, name := rest[0], f.out
	if name == "" {
		name = fileName(id) + ".pcapng"
	}
	if file, ok := std.out.(*os.File); name == "-" && ok && term.IsTerminal(int(file.Fd())) {
		return usageError("a capture is not for a terminal; name a file with -o, or send it on: earshot packets %s -o - | earshot replay -", id)
	}
	n, err := c.save(ctx, "/api/v1/calls/"+url.PathEscape(id)+"/packets", name, std.out)
	if err != nil {
		return err
	}
	if name != "-" {
		fmt.Fprintf(std.err, "%d octets written to %s\n", n, name)
	}
	return nil
}

// fileName makes a Call-ID, which may hold anything, fit for a file.
func fileName(id string) string {
	var name []byte
	for i := 0; i < len(id) && i < 64; i++ {
		c := id[i]
		plain := c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_' || c == '.' && i > 0
		if !plain {
			c = '_'
		}
		name = append(name, c)
	}
	return string(name)
}
