package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// startUAS starts sipp as the called party: it answers every call and echoes RTP.
func (l *lab) startUAS(t *testing.T) {
	t.Helper()
	needs(t, "sipp")
	uas := l.start(t, "bob", t.TempDir(), "sipp", "-sn", "uas", "-i", "10.9.2.2", "-p", "5060", "-rtp_echo", "-mi", "10.9.2.2", "-mp", "6000", "-nostdin")
	listening(t, "bob", "10.9.2.2:5060")
	t.Cleanup(func() { _ = uas.cmd.Process.Kill(); <-uas.done })
}

// listening waits until somebody has taken a UDP port.
func listening(t *testing.T, namespace, address string) {
	t.Helper()
	addr, err := net.ResolveUDPAddr("udp4", address)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		err := within(namespace, func() error {
			c, err := net.ListenUDP("udp4", addr)
			if err == nil {
				c.Close()
			}
			return err
		})
		if errors.Is(err, syscall.EADDRINUSE) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("nobody listens at %s", address)
}

// sippCalls makes calls from a host to bob, each with 236 packets of G.711 and a
// digit by RFC 2833 (uac_pcap, sipp's own scenario), and waits for their end.
func (l *lab) sippCalls(t *testing.T, namespace, address string, calls int) *running {
	t.Helper()
	const recordings = "/usr/share/sip-tester"
	if _, err := os.Stat(recordings); err != nil {
		t.Skipf("needs sipp's recordings in %s", recordings)
	}
	dir := t.TempDir()
	if err := os.Symlink(recordings, filepath.Join(dir, "pcap")); err != nil {
		t.Fatal(err)
	}
	n := strconv.Itoa(calls)
	return l.start(t, namespace, dir, "sipp", "-sn", "uac_pcap", "10.9.2.2:5060", "-i", address, "-p", "5060", "-mi", address, "-mp", "6000",
		"-m", n, "-l", n, "-r", "4", "-nostdin")
}

// phone is a configuration of baresip.
type phone struct {
	namespace, address string
	port, media        int // SIP port, first of 100 RTP ports
	codec              string
	sound              string
}

// startPhone starts baresip, which answers by itself, and runs commands.
func (l *lab) startPhone(t *testing.T, p phone, seconds int, commands ...string) *running {
	t.Helper()
	dir := t.TempDir()
	config := fmt.Sprintf(`poll_method epoll
sip_listen %s:%d
call_max_calls 4
audio_source aufile,%s
audio_player aubridge,nil
audio_alert aubridge,nil
rtp_tos 184
rtp_ports %d-%d
rtcp_mux no
module_path /usr/lib/baresip/modules
module opus.so
module g722.so
module g711.so
module aufile.so
module aubridge.so
module auresamp.so
module rtcpsummary.so
module_app account.so
module_app menu.so
`, p.address, p.port, p.sound, p.media, p.media+98)
	account := fmt.Sprintf("<sip:%s@%s:%d;transport=udp>;regint=0;audio_codecs=%s;answermode=auto;ptime=20\n", p.namespace, p.address, p.port, p.codec)
	for name, text := range map[string]string{"config": config, "accounts": account, "contacts": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"baresip", "-f", dir, "-t", strconv.Itoa(seconds)}
	for _, c := range commands {
		args = append(args, "-e", c)
	}
	return l.start(t, p.namespace, dir, args...)
}

// tone writes half a minute of sound as a WAV file: what the phones say.
func tone(t *testing.T, rate, channels int) string {
	t.Helper()
	const seconds = 30
	samples := make([]byte, 2*rate*channels*seconds)
	for i := 0; i < len(samples); i += 2 {
		phase := i / 2 / channels * 440 * 4 / rate % 4 // a square wave at 440 Hz
		if phase < 2 {
			samples[i+1] = 0x10
		} else {
			samples[i+1] = 0xf0
		}
	}
	var b bytes.Buffer
	le := func(n, octets int) {
		for i := range octets {
			b.WriteByte(byte(n >> (8 * i)))
		}
	}
	b.WriteString("RIFF")
	le(36+len(samples), 4)
	b.WriteString("WAVEfmt ")
	le(16, 4)
	le(1, 2) // PCM
	le(channels, 2)
	le(rate, 4)
	le(rate*channels*2, 4)
	le(channels*2, 2)
	le(16, 2)
	b.WriteString("data")
	le(len(samples), 4)
	b.Write(samples)
	path := filepath.Join(t.TempDir(), "tone.wav")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
