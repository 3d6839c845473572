package capture

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of connections.
const (
	defaultHEPConnections = 1024
	defaultHEPQueue       = 16 << 20
)

// hepPatience is how long a connection may take.
type hepPatience struct {
	handshake time.Duration // to agree on TLS
	begun     time.Duration // for a packet that has begun to end
	unproven  time.Duration // until the first packet
	idle      time.Duration // between packets; who is gone is found by keep-alives
	room      time.Duration // that it waits for room in the queue before it drops
}

var defaultHEPPatience = hepPatience{
	handshake: 10 * time.Second, begun: 30 * time.Second, unproven: 10 * time.Minute, idle: time.Hour, room: time.Second,
}

// hepChunk is a run of whole packets from one connection.
type hepChunk struct {
	data          []byte
	remote, local netip.AddrPort
}

// hepStreams is the TCP and TLS side of a listener: a goroutine for each
// listening address and for each connection. Chunks go from them to Next, and
// come back to be filled again; where there is none, a connection waits, its
// sender's window closes, and when its patience ends it drops.
type hepStreams struct {
	queue chan *hepChunk
	free  chan *hepChunk
	made  atomic.Int64 // chunks
	limit int64        // of them
	most  int64        // connections
	hepPatience
	wake    func()
	notice  func(HEPEvent)
	local   map[string]netip.AddrPort
	ctx     context.Context // ends with the listener
	cancel  context.CancelFunc
	open    []net.Listener
	running sync.WaitGroup

	connections              atomic.Int64
	refused, broken, dropped atomic.Uint64
}

func newHEPStreams(cfg HEPConfig, wake func()) (*hepStreams, error) {
	octets := cfg.QueueBytes
	if octets <= 0 {
		octets = defaultHEPQueue
	}
	chunks := max(octets/hepBufferMax, 2)
	s := &hepStreams{
		queue: make(chan *hepChunk, chunks), free: make(chan *hepChunk, chunks), limit: int64(chunks),
		most: int64(cfg.MaxConnections), wake: wake, notice: cfg.Notice, local: map[string]netip.AddrPort{},
		hepPatience: defaultHEPPatience,
	}
	if s.most <= 0 {
		s.most = defaultHEPConnections
	}
	if s.notice == nil {
		s.notice = func(HEPEvent) {}
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if cfg.TCP != "" {
		if err := s.listen("tcp", cfg.TCP, nil); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	if cfg.TLS != "" {
		secure, err := hepTLS(cfg.TLSConfig)
		if err == nil {
			err = s.listen("tls", cfg.TLS, secure)
		}
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	return s, nil
}

// hepTLS returns the configuration with TLS 1.2 at least.
func hepTLS(c *tls.Config) (*tls.Config, error) {
	if c == nil || len(c.Certificates) == 0 && c.GetCertificate == nil && c.GetConfigForClient == nil {
		return nil, errors.New("cannot listen for HEP on TLS: give a certificate and its key")
	}
	c = c.Clone()
	c.MinVersion = max(c.MinVersion, tls.VersionTLS12)
	return c, nil
}

func (s *hepStreams) listen(network, address string, secure *tls.Config) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("cannot listen for HEP on %s %q: %w", network, address, err)
	}
	s.local[network] = addrPort(l.Addr())
	s.open = append(s.open, l)
	s.running.Add(1)
	go s.accept(l, secure)
	return nil
}

// close ends all connections and waits for their goroutines.
func (s *hepStreams) close() error {
	s.cancel()
	var errs []error
	for _, l := range s.open {
		errs = append(errs, l.Close())
	}
	s.running.Wait()
	return errors.Join(errs...)
}

// accept takes connections until the listener is closed. Where the system has
// no descriptors left it tries again.
func (s *hepStreams) accept(l net.Listener, secure *tls.Config) {
	defer s.running.Done()
	for {
		conn, err := l.Accept()
		if err != nil {
			if s.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			s.notice(HEPEvent{Kind: "refused", Err: err})
			select {
			case <-time.After(s.room):
			case <-s.ctx.Done():
			}
			continue
		}
		if s.connections.Add(1) > s.most {
			s.connections.Add(-1)
			s.refused.Add(1)
			s.notice(HEPEvent{Remote: addrPort(conn.RemoteAddr()), Kind: "refused", Err: fmt.Errorf("%d connections are open, the most that are allowed", s.most)})
			_ = conn.Close()
			continue
		}
		s.running.Add(1)
		go s.serve(conn, secure)
	}
}

// serve reads one connection to its end.
func (s *hepStreams) serve(conn net.Conn, secure *tls.Config) {
	defer s.running.Done()
	stop := context.AfterFunc(s.ctx, func() { _ = conn.Close() })
	defer stop()
	remote, local := addrPort(conn.RemoteAddr()), addrPort(conn.LocalAddr())
	s.notice(HEPEvent{Remote: remote, Kind: "connected"})
	err := s.greet(&conn, secure)
	if err == nil {
		err = s.read(conn, remote, local)
	}
	_ = conn.Close()
	s.connections.Add(-1)
	event := HEPEvent{Remote: remote, Kind: "closed", Err: err}
	if errors.Is(err, errNoHEP) || errors.Is(err, errNoTLS) {
		s.broken.Add(1)
		event.Kind = "broken"
	}
	if s.ctx.Err() == nil {
		s.notice(event)
	}
}

var (
	errNoHEP = errors.New("what comes is no HEP version 3: check what is sent to this port")
	errNoTLS = errors.New("cannot agree on TLS")
)

// greet agrees on TLS where the listener speaks it.
func (s *hepStreams) greet(conn *net.Conn, secure *tls.Config) error {
	if secure == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(s.ctx, s.handshake)
	defer cancel()
	c := tls.Server(*conn, secure)
	if err := c.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("%w: %w", errNoTLS, err)
	}
	*conn = c
	return nil
}

// read hands on what comes until the connection ends.
func (s *hepStreams) read(conn net.Conn, remote, local netip.AddrPort) error {
	var framer hepFramer
	patience, partial := s.unproven, false
	for {
		// The time for a packet that has begun does not start anew with each octet.
		if begun := framer.partial(); begun != partial || !begun {
			partial = begun
			limit := patience
			if begun {
				limit = s.begun
			}
			if err := conn.SetReadDeadline(time.Now().Add(limit)); err != nil {
				return err
			}
		}
		n, err := conn.Read(framer.room())
		framer.took(n)
		for run := framer.whole(); run != nil; run = framer.whole() {
			s.hand(run, remote, local)
			patience, partial = s.idle, false
		}
		if framer.lost() {
			return errNoHEP
		}
		if err == io.EOF && !framer.partial() {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// hand gives a run of packets to Next.
func (s *hepStreams) hand(run []byte, remote, local netip.AddrPort) {
	c := s.chunk()
	if c == nil {
		s.dropped.Add(packetsIn(run))
		return
	}
	c.data, c.remote, c.local = append(c.data[:0], run...), remote, local
	s.queue <- c // has room for all chunks
	s.wake()
}

// packetsIn counts the packets of a run.
func packetsIn(run []byte) uint64 {
	n := uint64(0)
	for ; len(run) > 0; run = run[be16(run[4:]):] {
		n++
	}
	return n
}

// chunk returns one that is free, nil if none becomes so in time.
func (s *hepStreams) chunk() *hepChunk {
	select {
	case c := <-s.free:
		return c
	default:
	}
	if s.made.Add(1) <= s.limit {
		return &hepChunk{data: make([]byte, 0, hepBufferMax)}
	}
	s.made.Add(-1)
	patience := time.NewTimer(s.room)
	defer patience.Stop()
	select {
	case c := <-s.free:
		return c
	case <-patience.C:
	case <-s.ctx.Done():
	}
	return nil
}

// hepDialed is what an attempt of a sender to connect brought.
type hepDialed struct {
	link *hepLink
	err  error
}

// hepConnect is how long an attempt may take, TLS included.
const hepConnect = 10 * time.Second

// dialHEP begins an attempt to connect, in a goroutine because names, TCP and
// TLS all wait for others; the sender itself must not. The channel brings one
// result.
func dialHEP(ctx context.Context, cfg HEPSenderConfig) chan hepDialed {
	result := make(chan hepDialed, 1)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, hepConnect)
		defer cancel()
		link, err := connectHEP(ctx, cfg)
		if err != nil {
			err = fmt.Errorf("cannot connect to %q by %s: %w", cfg.Address, cfg.Network, err)
		}
		result <- hepDialed{link, err}
	}()
	return result
}
