package capture

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"earshot/capture/wire"
)

// kamailioCapture makes a kamailio that says what it reads of HEP.
const kamailioCapture = `#!KAMAILIO
debug=0
log_stderror=yes
children=1
auto_aliases=no
disable_tcp=yes
listen=udp:%s
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "db_text.so"
loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", "text://%s")
modparam("sipcapture", "hep_capture_on", 1)
modparam("sipcapture", "nonsip_hook", 1)
event_route[sipcapture:request] {
	xlog("L_ERR", "<hep>$hep(version) $hep(0x001) $hep(0x002) $hep(0x003)$hep(0x005):$hep(0x007) $hep(0x004)$hep(0x006):$hep(0x008) $hep(0x009).$hep(0x00a) $hep(0x00b) $hep(0x00c) $hep(0x00e) $hep(0x011) $hep(0x00f)</hep>\n");
	return 0;
}
request_route { drop; }
`

// startKamailio runs kamailio until the test ends, and returns its log.
func startKamailio(t *testing.T, address string) string {
	t.Helper()
	if _, err := exec.LookPath("kamailio"); err != nil {
		t.Skip("no kamailio")
	}
	modules, _ := filepath.Glob("/usr/lib/*/kamailio/modules/sipcapture.so")
	if len(modules) == 0 {
		t.Skip("kamailio has no module sipcapture")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "kamailio.cfg")
	if err := os.WriteFile(config, fmt.Appendf(nil, kamailioCapture, address, dir), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("kamailio", "-f", config, "-L", filepath.Dir(modules[0]), "-DD", "-E", "-m", "32", "-M", "4", "-Y", dir)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait() // what it returns after a signal says nothing
		log.Close()
	})
	return log.Name()
}

// kamailio reads from our packets what we were given.
func TestHEPSenderToKamailio(t *testing.T) {
	free, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.LocalAddr().String()
	free.Close()
	log := startKamailio(t, address)

	s := NewHEPSender(HEPSenderConfig{Network: "udp", Address: address, Node: 2001, Name: "probe", Key: "secret"})
	defer s.Close()
	sip := testMessage("OPTIONS sip:a SIP/2.0\r\n\r\n")
	sip.Correlation = "abc@host"
	six := testMessage("BYE sip:a SIP/2.0\r\n\r\n")
	six.Correlation, six.Protocol = "def@host", 6
	six.SrcAddr, six.DstAddr = netip.MustParseAddr("2001:db8::1").As16(), netip.MustParseAddr("2001:db8::2").As16()
	rtcp := testMessage(string(testReport()))
	rtcp.Kind, rtcp.Correlation = wire.HEPRTCP, "ghi@host"
	want := []string{
		"3 2 17 10.0.0.1:5060 10.0.0.2:5062 1700000000.123456 1 2001 secret abc@host OPTIONS sip:a SIP/2.0\r\n\r\n",
		"3 10 6 2001:db8::1:5060 2001:db8::2:5062 1700000000.123456 1 2001 secret def@host BYE sip:a SIP/2.0\r\n\r\n",
		`3 2 17 10.0.0.1:5060 10.0.0.2:5062 1700000000.123456 5 2001 secret ghi@host {"sender_information":{"ntp_timestamp_sec":3916733675,"ntp_timestamp_usec":1764527184,`,
	}
	read := map[string]bool{}
	for end := time.Now().Add(20 * time.Second); len(read) < len(want) && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		for _, m := range []*HEPMessage{sip, six, rtcp} { // again and again: what comes while it starts is lost
			s.Send(m)
		}
		data, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range bytes.Split(data, []byte("<hep>"))[1:] {
			text, _, whole := strings.Cut(string(part), "</hep>")
			for _, w := range want {
				if whole && strings.HasPrefix(text, w) {
					read[w] = true
				}
			}
		}
	}
	for _, w := range want {
		if !read[w] {
			data, _ := os.ReadFile(log)
			t.Errorf("kamailio did not read %q, but\n%.3000s", w, data)
		}
	}
}
