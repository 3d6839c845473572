//go:build linux

package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"earshot/capture/wire"
)

// TestLiveGivesEveryFrame: what was sent arrives, octet for octet and in order.
func TestLiveGivesEveryFrame(t *testing.T) {
	const count = 6000
	var sent [][]byte
	for i := range count {
		sent = append(sent, testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, testUDP(uint16(i), 2, bytes.Repeat([]byte{byte(i)}, i%1400)))))
	}
	for _, c := range []struct {
		name    string
		snapLen int
	}{{"whole", 0}, {"cut", 64}} {
		t.Run(c.name, func(t *testing.T) {
			privateNetwork(t, "a")
			l := openLive(t, LiveConfig{Interfaces: []Interface{{Name: "a1", Point: 7, HEP: true, SnapLen: c.snapLen}}})[0]
			before := time.Now().UnixNano()
			sendOn(t, "a0").send(sent...)
			after := time.Now().UnixNano()
			got := takeFrames(t, l, count)
			if len(got) != count {
				t.Fatalf("got %d frames, want %d", len(got), count)
			}
			for i, f := range got {
				want := sent[i]
				if c.snapLen > 0 {
					want = want[:min(len(want), c.snapLen)]
				}
				if !bytes.Equal(f.Data, want) || f.OrigLen != len(sent[i]) {
					t.Fatalf("frame %d: got %d of %d octets, want %d of %d\n%x\n%x", i, len(f.Data), f.OrigLen, len(want), len(sent[i]), f.Data, want)
				}
				if f.Link != LinkEthernet || f.Point != 7 || f.Outgoing || !f.HEP || f.FCS != 0 {
					t.Fatalf("frame %d: got %v point %d outgoing %v HEP %v", i, f.Link, f.Point, f.Outgoing, f.HEP)
				}
				if f.At < before || f.At > after || f.Seen < f.At {
					t.Fatalf("frame %d: time %d, seen %d, sent between %d and %d", i, f.At, f.Seen, before, after)
				}
			}
			if lost, suspect := l.Drops(); lost != 0 || suspect {
				t.Errorf("got %d drops, suspect %v", lost, suspect)
			}
			l.look(time.Now())
			want := InterfaceStats{Name: "a1", Point: 7, Up: true, Packets: count}
			if s := l.Stats()[0]; s.Name != want.Name || s.Point != want.Point || !s.Up || s.Packets != count || s.Drops != 0 || s.Hardware {
				t.Errorf("got  %+v\nwant %+v", s, want)
			}
		})
	}
}

// TestLiveRestoresTags: the kernel takes the outer VLAN tag out of a frame.
func TestLiveRestoresTags(t *testing.T) {
	privateNetwork(t, "a")
	l := openLive(t, LiveConfig{Interfaces: []Interface{{Name: "a1"}}})[0]
	plain := rtpFrame(1, 1)
	tagged := func(tags ...uint16) []byte { // TPID, TCI, ...
		b := bytes.Clone(plain[:12])
		for _, v := range tags {
			b = binary.BigEndian.AppendUint16(b, v)
		}
		return append(b, plain[12:]...)
	}
	sent := [][]byte{
		plain,
		tagged(0x8100, 0xa064),                 // priority 5, VLAN 100
		tagged(0x88a8, 0x0007, 0x8100, 0x6001), // service tag, and the customer's
		tagged(0x8100, 0xa000),                 // priority only
		plain,
	}
	sendOn(t, "a0").send(sent...)
	got := takeFrames(t, l, len(sent))
	if len(got) != len(sent) {
		t.Fatalf("got %d frames, want %d", len(got), len(sent))
	}
	for i, f := range got {
		if !bytes.Equal(f.Data, sent[i]) || f.OrigLen != len(sent[i]) {
			t.Errorf("frame %d: %d octets\ngot  %x\nwant %x", i, f.OrigLen, f.Data, sent[i])
		}
	}
}

// TestLiveMergesInterfaces: two that are busy, one that is idle and one that is
// not there come as one capture, in order of time.
func TestLiveMergesInterfaces(t *testing.T) {
	privateNetwork(t, "a", "b", "c")
	l := openLive(t, LiveConfig{Interfaces: []Interface{
		{Name: "a1", Point: 1}, {Name: "b1", Point: 2}, {Name: "c1", Point: 3}, {Name: "d1", Point: 4},
	}})[0]
	a, b := sendOn(t, "a0"), sendOn(t, "b0")
	const rounds = 1000
	for i := range rounds {
		a.send(rtpFrame(1, uint16(i)))
		b.send(rtpFrame(2, uint16(i)))
		if i%100 == 0 {
			time.Sleep(3 * time.Millisecond) // over several blocks
		}
	}
	got := takeFrames(t, l, 2*rounds)
	if len(got) != 2*rounds {
		t.Fatalf("got %d frames, want %d", len(got), 2*rounds)
	}
	for i, f := range got {
		flow, seq := byte(1+i%2), uint16(i/2)
		if f.Point != uint16(flow) || !bytes.Equal(f.Data, rtpFrame(flow, seq)) {
			t.Fatalf("frame %d is of point %d, want point %d, sequence %d", i, f.Point, flow, seq)
		}
	}
}

// TestLiveSharesByFlow: with several lanes all packets of a flow, in both
// directions, and all fragments of a datagram come to one of them, once.
func TestLiveSharesByFlow(t *testing.T) {
	privateNetwork(t, "a")
	const flows, rounds = 64, 50
	lanes := openLive(t, LiveConfig{Interfaces: []Interface{{Name: "a1"}}, Lanes: 2})
	sender := sendOn(t, "a0")
	sent := 0
	for i := range rounds {
		for flow := range flows {
			there := rtpFrame(byte(flow), uint16(i))
			back := bytes.Clone(there)
			copy(back[26:], there[30:34]) // addresses and ports the other way round
			copy(back[30:], there[26:30])
			copy(back[34:], there[36:38])
			copy(back[36:], there[34:36])
			whole := testUDP(5060, 5060+uint16(flow), bytes.Repeat([]byte("x"), 1192))
			first := testEthernet(wire.EtherIPv4, testIPv4Fragment(uint16(i*flows+flow), 0, true, wire.ProtocolUDP, whole[:600]))
			last := testEthernet(wire.EtherIPv4, testIPv4Fragment(uint16(i*flows+flow), 600, false, wire.ProtocolUDP, whole[600:]))
			sender.send(there, back, first, last)
			sent += 4
		}
	}
	homes := map[string]int{}
	total := 0
	for lane, l := range lanes {
		got := takeFrames(t, l, sent)
		total += len(got)
		if len(got) == 0 {
			t.Errorf("lane %d got nothing", lane)
		}
		for _, f := range got {
			ip := f.Data[14:]
			key := fmt.Sprintf("fragments %x", ip[4:6])
			if ip[6]&0x20 == 0 && ip[7] == 0 {
				a, b := string(ip[12:16])+string(ip[20:22]), string(ip[16:20])+string(ip[22:24])
				key = fmt.Sprintf("%x", min(a, b)+max(a, b))
			}
			if home, known := homes[key]; known && home != lane {
				t.Fatalf("%s came to lanes %d and %d", key, home, lane)
			}
			homes[key] = lane
		}
	}
	if total != sent {
		t.Errorf("the lanes got %d frames, sent %d", total, sent)
	}
	if want := flows + flows*rounds; len(homes) != want {
		t.Errorf("got %d flows and fragmented datagrams, want %d", len(homes), want)
	}
}

// TestLiveDirections: each packet of this host once.
func TestLiveDirections(t *testing.T) {
	for _, c := range []struct {
		name   string
		iface  Interface
		lanes  int
		veth   []bool // Outgoing of the copies of a frame sent from a0 to a1
		looped int    // copies of a datagram on lo
	}{
		{"sender", Interface{Name: "a0"}, 1, []bool{true}, 0},
		{"sender, incoming only", Interface{Name: "a0", IgnoreOutgoing: true}, 1, nil, 0},
		{"sender, incoming only, lanes", Interface{Name: "a0", IgnoreOutgoing: true}, 2, nil, 0},
		{"receiver, incoming only", Interface{Name: "a1", IgnoreOutgoing: true}, 1, []bool{false}, 0},
		{"loopback", Interface{Name: "lo"}, 1, nil, 1},
		{"loopback, lanes", Interface{Name: "lo"}, 2, nil, 1},
		{"any", Interface{Name: "any"}, 1, []bool{true, false}, 1},
		{"any, lanes", Interface{Name: "any"}, 2, []bool{true, false}, 1},
		{"any, incoming only", Interface{Name: "any", IgnoreOutgoing: true}, 1, []bool{false}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			privateNetwork(t, "a")
			lanes := openLive(t, LiveConfig{Interfaces: []Interface{c.iface}, Lanes: c.lanes, RingBytes: 1 << 20})
			frame := rtpFrame(1, 1)
			sendOn(t, "a0").send(frame)
			conn, err := net.Dial("udp", "127.0.0.1:9") // in this thread, so in this namespace
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := conn.Write([]byte("on loopback")); err != nil {
				t.Fatal(err)
			}
			var veth []bool
			looped := 0
			for _, l := range lanes {
				for _, f := range takeFrames(t, l, 100) {
					switch {
					case bytes.Equal(f.Data, frame):
						veth = append(veth, f.Outgoing)
					case bytes.HasSuffix(f.Data, []byte("on loopback")) && f.Data[14+9] == wire.ProtocolUDP:
						looped++
						if f.Outgoing || f.Link != LinkEthernet {
							t.Errorf("on loopback: outgoing %v, %v", f.Outgoing, f.Link)
						}
					}
				}
			}
			if fmt.Sprint(veth) != fmt.Sprint(c.veth) || looped != c.looped {
				t.Errorf("got %v and %d looped, want %v and %d", veth, looped, c.veth, c.looped)
			}
		})
	}
}

// TestLiveTakesLongFrames: loopback, and hosts that leave segmenting to their
// cards, show frames far beyond any MTU.
func TestLiveTakesLongFrames(t *testing.T) {
	privateNetwork(t)
	l := openLive(t, LiveConfig{Interfaces: []Interface{{Name: "lo"}}, RingBytes: 1})[0]
	conn, err := net.Dial("udp", "127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	payload := bytes.Repeat([]byte("longest!"), 65_507/8)
	for range 3 {
		if _, err := conn.Write(payload); err != nil && !errors.Is(err, unix.ECONNREFUSED) {
			t.Fatal(err)
		}
	}
	datagrams := 0
	for _, f := range takeFrames(t, l, 10) {
		if f.OrigLen != len(f.Data) {
			t.Errorf("got %d of %d octets", len(f.Data), f.OrigLen)
		}
		if bytes.HasSuffix(f.Data, payload) && f.OrigLen == 14+20+8+len(payload) {
			datagrams++
		}
	}
	if datagrams == 0 {
		t.Error("got no datagram whole")
	}
}

// TestLiveFilters: what the filter refuses never reaches the ring.
func TestLiveFilters(t *testing.T) {
	for _, lanes := range []int{1, 2} {
		t.Run(fmt.Sprint(lanes, " lanes"), func(t *testing.T) {
			privateNetwork(t, "a", "b")
			filter, err := CompileFilter("udp src port 20001")
			if err != nil {
				t.Fatal(err)
			}
			// b1 is captured too: a lane's guard must keep the interfaces apart.
			lives := openLive(t, LiveConfig{Lanes: lanes, RingBytes: 1 << 20,
				Interfaces: []Interface{{Name: "a1", Point: 1, Filter: filter}, {Name: "b1", Point: 2}}})
			sendOn(t, "a0").send(rtpFrame(1, 1), rtpFrame(2, 2), rtpFrame(1, 3))
			sendOn(t, "b0").send(rtpFrame(2, 4))
			points := map[uint16]int{}
			for _, l := range lives {
				for _, f := range takeFrames(t, l, 100) {
					points[f.Point]++
				}
				l.look(time.Now())
			}
			if points[1] != 2 || points[2] != 1 || len(points) != 2 {
				t.Errorf("got %v frames by point, want 2 of 1 and 1 of 2", points)
			}
			if s := lives[0].Stats(); s[0].Packets != 2 || s[1].Packets != 1 {
				t.Errorf("the kernel counted %d and %d packets, want 2 and 1", s[0].Packets, s[1].Packets)
			}
		})
	}
}

// TestLiveTakesRawIP: a tun interface has no link-layer header.
func TestLiveTakesRawIP(t *testing.T) {
	privateNetwork(t)
	tun, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no tun devices here: %v", err)
	}
	defer tun.Close()
	request, err := unix.NewIfreq("tun0")
	if err != nil {
		t.Fatal(err)
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(int(tun.Fd()), unix.TUNSETIFF, request); err != nil {
		t.Skipf("no tun devices here: %v", err)
	}
	ip(t, "link set tun0 up")
	ip4, ip6 := testIPv4(wire.ProtocolUDP, testUDP(1, 2, testRTP(3))), testIPv6(wire.ProtocolUDP, testUDP(1, 2, testRTP(3)))
	for _, name := range []string{"tun0", "any"} {
		l := openLive(t, LiveConfig{Interfaces: []Interface{{Name: name}}})[0]
		for _, packet := range [][]byte{ip4, ip6} {
			if _, err := tun.Write(packet); err != nil {
				t.Fatal(err)
			}
		}
		got := takeFrames(t, l, 2)
		if len(got) != 2 || !bytes.Equal(got[0].Data, ip4) || !bytes.Equal(got[1].Data, ip6) || got[0].Link != LinkRaw || got[0].OrigLen != len(ip4) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

// TestLivePromiscuous: the interface is asked for, each time that it comes.
func TestLivePromiscuous(t *testing.T) {
	privateNetwork(t, "a")
	l := openLive(t, LiveConfig{Interfaces: []Interface{{Name: "a1", Promiscuous: true}}})[0]
	promiscuous := func() bool { return strings.Contains(ip(t, "-d link show a1"), "promiscuity 1") }
	if !promiscuous() {
		t.Errorf("not promiscuous:\n%s", ip(t, "-d link show a1"))
	}
	ip(t, "link del a0")
	addPair(t, "a")
	nextUntil(t, l, "a1 is promiscuous again", promiscuous)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if promiscuous() {
		t.Error("still promiscuous after Close")
	}
}

// TestLiveWithoutHardwareTime: veth has no clock, so the kernel's is used, and told.
func TestLiveWithoutHardwareTime(t *testing.T) {
	privateNetwork(t, "a")
	var events []InterfaceEvent
	l := openLive(t, LiveConfig{
		Interfaces: []Interface{{Name: "a1", HardwareTime: true}},
		Notice:     func(e InterfaceEvent) { events = append(events, e) },
	})[0]
	before := time.Now().UnixNano()
	sendOn(t, "a0").send(rtpFrame(1, 1))
	got := takeFrames(t, l, 1)
	if len(got) != 1 || got[0].At < before || got[0].At > time.Now().UnixNano() {
		t.Errorf("got %+v", got)
	}
	if len(events) != 1 || !events[0].Up || events[0].Err == nil || !strings.Contains(events[0].Err.Error(), "no hardware time stamps") {
		t.Errorf("got events %v, want one that says there are no hardware time stamps", events)
	}
	if l.Stats()[0].Hardware {
		t.Error("counted as hardware time")
	}
}

func TestLiveRefuses(t *testing.T) {
	privateNetwork(t)
	open := func(cfg LiveConfig) error {
		lives, err := OpenLive(cfg)
		for _, l := range lives {
			l.Close()
		}
		return err
	}
	for _, c := range []struct {
		name string
		cfg  LiveConfig
		want string
	}{
		{"nothing", LiveConfig{}, "no interface is named"},
		{"twice", LiveConfig{Interfaces: []Interface{{Name: "lo"}, {Name: "lo"}}}, "twice"},
		{"too many lanes", LiveConfig{Interfaces: []Interface{{Name: "lo"}}, Lanes: 65}, "at most 64"},
		{"a name too long", LiveConfig{Interfaces: []Interface{{Name: "an-interface-of-16"}}}, "1 to 15 octets"},
		{"too much memory", LiveConfig{Interfaces: []Interface{{Name: "lo"}}, RingBytes: 1 << 42}, "ask for a smaller one"},
	} {
		if err := open(c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// TestLiveNamesTheCapability: the error says what is missing and how to get it.
func TestLiveNamesTheCapability(t *testing.T) {
	privateNetwork(t)
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	if err := unix.Capset(&header, &none[0]); err != nil { // of this thread only, which ends with the test
		t.Fatal(err)
	}
	_, err := OpenLive(LiveConfig{Interfaces: []Interface{{Name: "lo"}}})
	if !errors.Is(err, unix.EPERM) {
		t.Fatalf("got %v, want EPERM", err)
	}
	self, _ := os.Executable()
	for _, want := range []string{`"lo"`, "CAP_NET_RAW", "sudo setcap cap_net_raw+ep " + self, "AmbientCapabilities=CAP_NET_RAW"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want %q in it", err, want)
		}
	}
}
