package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"earshot/capture"
)

// open opens what may need privileges: captures and listeners.
func (p *probe) open() (err error) {
	if p.listener, err = p.cfg.listen(); err != nil {
		return err
	}
	if err := p.openHEP(); err != nil {
		return err
	}
	if len(p.cfg.Captures) == 0 {
		return nil
	}
	interfaces, err := p.cfg.interfaces()
	if err != nil {
		return err
	}
	p.live, err = capture.OpenLive(capture.LiveConfig{
		Interfaces: interfaces,
		Lanes:      int(p.cfg.Lanes.or(1)),
		RingBytes:  int(p.cfg.RingMB.or(presetRingMB)) * mebibyte,
		Notice:     p.interfaceChanged,
	})
	return err
}

func (p *probe) openHEP() (err error) {
	if err := p.openSenders(); err != nil || !p.cfg.HEP.listens() {
		return err
	}
	h := &p.cfg.HEP
	cfg := capture.HEPConfig{
		UDP: h.UDP.text, TCP: h.TCP.text, TLS: h.TLS.text,
		MaxConnections: h.MaxConnections.whole(), QueueBytes: h.QueueMB.whole() * mebibyte,
		Point: p.cfg.pointNumber(h.point()), Notice: p.hepEvent,
	}
	if cfg.TLSConfig, p.hepCert, err = p.cfg.hepServerTLS(); err != nil {
		return err
	}
	if p.hep, err = capture.ListenHEP(cfg); err != nil {
		return fmt.Errorf("%w%s", err, inUse(err))
	}
	return nil
}

// openSenders makes the senders to HEP's receivers, which connect on their own.
func (p *probe) openSenders() error {
	if len(p.cfg.HEPOut) == 0 {
		return nil
	}
	p.forward = &forwarder{}
	for i := range p.cfg.HEPOut {
		o := &p.cfg.HEPOut[i]
		key, err := secret(p.cfg.path(o.KeyFile.text), o.KeyEnv.text)
		if err != nil {
			return err
		}
		secure, err := p.cfg.senderTLS(o)
		if err != nil {
			return err
		}
		p.forward.senders = append(p.forward.senders, capture.NewHEPSender(capture.HEPSenderConfig{
			Network: o.network(), Address: o.Address.text, TLSConfig: secure,
			Node: uint32(o.Node.or(presetNode)), Name: o.Name.text, Key: key,
			Compress: o.Compress, BufferBytes: int(o.BufferMB.or(presetBufferMB)) * mebibyte,
			Notice: func(up bool, err error) { p.receiverChanged(o.Address.text, up, err) },
		}))
	}
	return nil
}

// listen opens the listener for metrics and the API; nil where none is wanted.
func (c *config) listen() (net.Listener, error) {
	address := c.webAddress()
	if address == "" {
		return nil, nil
	}
	if err := c.server(nil).Check(address); err != nil {
		return nil, usageError("%v", err)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen for metrics and the API (web.listen, --listen): %w%s", err, inUse(err))
	}
	return l, nil
}

// inUse says what to do about an address that is taken.
func inUse(err error) string {
	if errors.Is(err, syscall.EADDRINUSE) {
		return "; another earshot, or \"ss -lntup\" tells who has it"
	}
	return ""
}

// dropPrivileges gives up what capturing took. A binary that cannot, because it
// was built with cgo, goes on unless it was told to become another user.
func (p *probe) dropPrivileges() error {
	err := capture.DropPrivileges(p.cfg.User.text)
	if errors.Is(err, errors.ErrUnsupported) && p.cfg.User.text == "" {
		p.log.Warn("privileges are kept", "error", err)
		p.privileges = "kept"
		return nil
	}
	p.privileges = "dropped"
	return err
}

// writable makes the folder of capture files where it is not there, and finds
// out whether this user, without privileges, may write there.
func writable(dir string) error {
	if dir == "" {
		return nil
	}
	err := os.MkdirAll(dir, 0o750)
	if err == nil {
		err = unix.Access(dir, unix.W_OK|unix.X_OK)
	}
	if err != nil {
		return fmt.Errorf("cannot save packets in %q as user %d without privileges: %w; give it that folder, or run as its owner (user, --user)", dir, os.Geteuid(), err)
	}
	return nil
}
