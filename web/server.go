package web

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
)

// ServerConfig says who may look, and how. Secrets come from files or the
// environment, never from the configuration itself.
type ServerConfig struct {
	UsersFile  string // lines "user:password" for basic authentication; "": none
	TokensFile string // lines of bearer tokens; "": none
	Token      string // one more bearer token, from the environment
	CertFile   string // TLS certificate chain and key, PEM; "": no TLS
	KeyFile    string
	Insecure   bool         // listen beyond loopback without authentication
	Log        *slog.Logger // nil: slog.Default()
}

// Check says whether listening on addr ("127.0.0.1:9870") would be refused,
// and whether the files it names can be read.
func (c *ServerConfig) Check(addr string) error { return nil }

// Server is the HTTP side of a probe.
type Server struct{}

// NewServer makes a server of a probe; m is attached to it.
func NewServer(cfg ServerConfig, p Probe, m *Metrics) (*Server, error) { return &Server{}, nil }

// Reload reads secrets and certificates again; on an error the old ones hold.
func (s *Server) Reload() error { return nil }

// Serve answers on ln until ctx is done, then lets requests finish for up to 5 s.
// It refuses an address beyond loopback without authentication.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error { <-ctx.Done(); return nil }

// TLS returns the server's TLS configuration; nil without certificate.
func (s *Server) TLS() *tls.Config { return nil }
