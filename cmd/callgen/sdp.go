package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// session is the media of one leg: a socket on each side and what SDP says of it.
type session struct {
	a, b             endpoint // as on the wire
	hostA            string   // announced address of the caller's side: private behind NAT
	portA            uint16   // announced port of the caller's side
	codec            *codec   // as answered
	offered          []*codec
	ptime            int
	mux, srtp        bool
	originA, originB origin
	candidates       int // padding of ICE candidates in the offer, to outgrow the MTU
}

// privateAddr is the caller's announced address.
func (s *session) privateAddr() netip.Addr {
	ip, err := netip.ParseAddr(s.hostA)
	if err != nil {
		panic("callgen: " + err.Error()) // we announced it ourselves
	}
	return ip
}

// description writes SDP of one side (RFC 8866, RFC 3264): an offer names every
// codec, an answer the chosen one. direction is "sendrecv" and its kin.
func (s *session) description(caller, offer bool, direction string) string {
	host, port, o := s.hostA, s.portA, &s.originA
	if !caller {
		host, port, o = s.b.ip.String(), s.b.port, &s.originB
	}
	family := "IP4"
	if strings.Contains(host, ":") {
		family = "IP6"
	}
	list := []*codec{s.codec}
	if offer {
		list = s.offered
	}
	var b strings.Builder
	fmt.Fprintf(&b, "s=call\r\nc=IN %s %s\r\nt=0 0\r\n", family, host)
	s.mediaLine(&b, list, port)
	if s.mux {
		b.WriteString("a=rtcp-mux\r\n")
	}
	if s.srtp {
		b.WriteString("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n")
	}
	fmt.Fprintf(&b, "a=ptime:%d\r\na=%s\r\n", s.ptime, direction)
	if offer {
		for i := range s.candidates {
			fmt.Fprintf(&b, "a=candidate:%d 1 udp %d %s %d typ host generation 0\r\n", i+1, 2130706431-i, host, port)
		}
	}
	return fmt.Sprintf("v=0\r\no=- %d %d IN %s %s\r\n", o.id, o.versionOf(b.String()), family, host) + b.String()
}

// origin is the o= line's session: its version counts up when what is described
// changes (RFC 3264 8).
type origin struct {
	id      uint64
	version int
	last    string
}

func (o *origin) versionOf(text string) int {
	if text != o.last {
		o.version++
		o.last = text
	}
	return o.version
}

func (s *session) mediaLine(b *strings.Builder, list []*codec, port uint16) {
	profile := "RTP/AVP"
	if s.srtp {
		profile = "RTP/SAVP"
	}
	fmt.Fprintf(b, "m=audio %d %s", port, profile)
	var events []uint8
	for _, c := range list {
		fmt.Fprintf(b, " %d", c.pt)
		if !slices.Contains(events, c.eventPT()) {
			events = append(events, c.eventPT())
		}
	}
	if slices.ContainsFunc(list, (*codec).comfortNoise) {
		fmt.Fprintf(b, " %d", comfortNoisePT)
	}
	for _, pt := range events {
		fmt.Fprintf(b, " %d", pt)
	}
	b.WriteString("\r\n")
	for _, c := range list {
		fmt.Fprintf(b, "a=rtpmap:%d %s\r\n", c.pt, c.rtpmap())
		if c.fmtp != "" {
			fmt.Fprintf(b, "a=fmtp:%d %s\r\n", c.pt, c.fmtp)
		}
	}
	for _, pt := range events {
		i := slices.IndexFunc(list, func(c *codec) bool { return c.eventPT() == pt })
		fmt.Fprintf(b, "a=rtpmap:%d telephone-event/%d\r\na=fmtp:%d 0-15\r\n", pt, list[i].clock, pt)
	}
}
