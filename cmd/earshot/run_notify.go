package main

import (
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// serviceManager is systemd's notification socket (sd_notify(3)); without one
// every call does nothing.
type serviceManager struct{ socket string }

// notifySocket finds the socket that systemd gave.
func notifySocket() serviceManager {
	name := os.Getenv("NOTIFY_SOCKET")
	if strings.HasPrefix(name, "@") {
		name = "\x00" + name[1:] // abstract namespace
	}
	return serviceManager{name}
}

// tell sends one state, such as "READY=1". Nobody hearing it is no error.
func (m serviceManager) tell(state string) {
	if m.socket == "" {
		return
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: m.socket, Net: "unixgram"})
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = c.Write([]byte(state))
}

// watchdog is how often systemd wants to hear, halved as it recommends; 0: never.
func watchdog() time.Duration {
	us, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if pid := os.Getenv("WATCHDOG_PID"); err != nil || us <= 0 || pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0
	}
	return time.Duration(us) * time.Microsecond / 2
}
