package web

import (
	"strconv"

	"earshot/capture"
	"earshot/pipeline"
)

// hep writes what came as HEP and what goes out as HEP.
func (p *page) hep(probe *Probe, s *pipeline.Stages) {
	var in capture.HEPStats
	if probe.HEP != nil {
		for _, h := range probe.HEP() {
			in.Packets += h.Packets
			in.Bytes += h.Bytes
			in.Connections += h.Connections
			in.Refused += h.Refused
			in.Broken += h.Broken
			in.Dropped += h.Dropped
			in.Foreign += h.Foreign
		}
	}
	p.total("earshot_hep_packets_total", "HEP packets received.", in.Packets)
	p.total("earshot_hep_bytes_total", "Octets of the HEP packets received.", in.Bytes)
	p.one("earshot_hep_connections", gauge, "Senders connected by TCP and TLS.", float64(in.Connections))
	p.total("earshot_hep_refused_connections_total", "Connections beyond the cap.", in.Refused)
	p.total("earshot_hep_broken_connections_total", "Connections closed because their framing was lost.", in.Broken)
	p.total("earshot_hep_dropped_packets_total", "HEP packets that found the queue or the socket's buffer full.", in.Dropped)
	p.total("earshot_hep_foreign_packets_total", "Datagrams at a HEP port that are no HEP.", in.Foreign)
	p.carried(s)
	p.total("earshot_forward_messages_total", "SIP messages and RTCP datagrams handed on to be sent as HEP.", s.Forward.Messages)
	p.total("earshot_forward_dropped_messages_total", "Messages that found the forwarder busy.", s.Forward.Shed)
	p.senders(probe)
}

func (p *page) senders(probe *Probe) {
	var stats []capture.HEPSenderStats
	if probe.Senders != nil {
		stats = probe.Senders()
	}
	names := make([]string, len(stats))
	for i := range stats {
		name := strconv.Itoa(i)
		if i < len(probe.SenderNames) {
			name = probe.SenderNames[i]
		}
		names[i] = labels("destination", name)
	}
	distinguish(names)
	for _, c := range [...]struct {
		name string
		kind kind
		help string
		of   func(*capture.HEPSenderStats) float64
	}{
		{"earshot_hep_sender_connected", gauge, "1 while the destination takes what is sent.",
			func(s *capture.HEPSenderStats) float64 { return fact(s.Connected) }},
		{"earshot_hep_sender_packets_total", counter, "HEP packets sent.",
			func(s *capture.HEPSenderStats) float64 { return float64(s.Sent) }},
		{"earshot_hep_sender_dropped_packets_total", counter, "HEP packets dropped from a full buffer.",
			func(s *capture.HEPSenderStats) float64 { return float64(s.Dropped) }},
		{"earshot_hep_sender_failures_total", counter, "Attempts to connect that failed.",
			func(s *capture.HEPSenderStats) float64 { return float64(s.Retries) }},
		{"earshot_hep_sender_refused_packets_total", counter, "HEP packets that came back because nothing listens there (UDP).",
			func(s *capture.HEPSenderStats) float64 { return float64(s.Refused) }},
		{"earshot_hep_sender_unsendable_messages_total", counter, "Messages too long for HEP, and RTCP that holds no report.",
			func(s *capture.HEPSenderStats) float64 { return float64(s.Unsendable) }},
		{"earshot_hep_sender_buffered_bytes", gauge, "Octets that wait to be sent.",
			func(s *capture.HEPSenderStats) float64 { return float64(s.Buffered) }},
	} {
		p.family(c.name, c.kind, c.help)
		for i := range stats {
			p.value(names[i], c.of(&stats[i]))
		}
	}
}

// carried writes what HEP carried.
func (p *page) carried(s *pipeline.Stages) {
	var decoded capture.HEPCounters
	for i := range s.Lanes {
		d := &s.Lanes[i].Decode.HEP
		decoded.SIP, decoded.RTP = decoded.SIP+d.SIP, decoded.RTP+d.RTP
		decoded.RTCP, decoded.RTCPJSON = decoded.RTCP+d.RTCP, decoded.RTCPJSON+d.RTCPJSON
		decoded.Compressed, decoded.Clock = decoded.Compressed+d.Compressed, decoded.Clock+d.Clock
	}
	p.family("earshot_hep_messages_total", counter, "What HEP carried, by kind; RTCP that came as JSON is a kind of its own.")
	p.count(`kind="sip"`, decoded.SIP)
	p.count(`kind="rtp"`, decoded.RTP)
	p.count(`kind="rtcp"`, decoded.RTCP-min(decoded.RTCP, decoded.RTCPJSON))
	p.count(`kind="rtcp_json"`, decoded.RTCPJSON)
	p.total("earshot_hep_compressed_payloads_total", "Payloads that came compressed.", decoded.Compressed)
	p.total("earshot_hep_clock_errors_total", "HEP packets without a time, or with one more than an hour off; they count at their arrival.", decoded.Clock)
}
