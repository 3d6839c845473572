package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			os.Exit(0)
		}
		fmt.Fprintln(os.Stderr, "callgen:", err)
		os.Exit(2)
	}
}

// run is the command: flags to capture and truth file.
func run(args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	out, err := newCaptureWriter(o.output, stdout, o.format, o.snaplen, o.interfaces)
	if err != nil {
		return err
	}
	truth, err := newTruthWriter(o.truth)
	if err != nil {
		return err
	}
	began := time.Now()
	e := newEngine(out, truth, o.seed)
	e.interfaces = o.interfaces
	e.now = o.start.UnixNano()
	if o.world != nil {
		return runSite(e, o, stderr, began)
	}
	for i, t := range o.groups {
		startGroup(e, t, i)
	}
	err = e.run()
	if e := out.close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	if err := truth.close(e.total()); err != nil {
		return err
	}
	report(stderr, e, time.Since(began))
	return nil
}

// startGroup enters a group's calls and background traffic.
func startGroup(e *engine, t *traffic, id int) {
	g := newGroup(e, t, id)
	from := e.now + int64(t.begin)
	ramp := t.ramp
	if t.rate > 0 {
		ramp = time.Duration(float64(t.calls) / t.rate * 1e9)
	}
	e.add(from, g)
	startBackground(e, g, from, from+int64(ramp+t.duration.mean))
}

func (e *engine) total() totalTruth {
	t := e.totals
	return totalTruth{
		Type: "total", Packets: e.out.packets, RTPPackets: t.rtp, RTCPPackets: t.rtcp, SIPMessages: t.sip,
		TCPSegments: t.tcp, Copies: t.copies,
	}
}

func report(w io.Writer, e *engine, took time.Duration) {
	t := e.totals
	fmt.Fprintf(w, "callgen: %d calls, %d streams, %d packets (%d RTP, %d RTCP, %d SIP messages), %d bytes, %.2f million packets/s\n",
		e.truth.calls, e.truth.streams, e.out.packets, t.rtp, t.rtcp, t.sip, e.out.bytes, float64(e.out.packets)/took.Seconds()/1e6)
}
