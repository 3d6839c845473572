package outbox

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"go.yaml.in/yaml/v3"
)

// described is a server that holds each request to the description of an
// interface, and keeps it.
type described struct {
	*httptest.Server
	router routers.Router
	answer http.HandlerFunc // after the check; nil: 200

	mu     sync.Mutex
	bodies []string
}

// newDescribed starts one; the description is of OpenAPI 3, or of Swagger 2.
func newDescribed(t *testing.T, description string, answer http.HandlerFunc) *described {
	t.Helper()
	s := &described{answer: answer}
	var err error
	if s.router, err = legacy.NewRouter(loadDescription(t, "testdata/"+description)); err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			return
		}
		s.check(t, q, body)
		s.mu.Lock()
		s.bodies = append(s.bodies, string(body))
		s.mu.Unlock()
		if s.answer != nil {
			q.Body = io.NopCloser(bytes.NewReader(body))
			s.answer(w, q)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// loadDescription reads a description.
func loadDescription(t *testing.T, file string) *openapi3.T {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc *openapi3.T
	if bytes.Contains(text, []byte("swagger: '2.0'")) {
		var old openapi2.T
		var plain any
		if err = yaml.Unmarshal(text, &plain); err == nil {
			var asJSON []byte
			if asJSON, err = jsonOf(plain); err == nil {
				err = old.UnmarshalJSON(asJSON)
			}
		}
		if err == nil {
			doc, err = openapi2conv.ToV3(&old)
		}
	} else {
		doc, err = openapi3.NewLoader().LoadFromData(text)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return doc
}

// check holds a request to the description.
func (s *described) check(t *testing.T, q *http.Request, body []byte) {
	copied := q.Clone(q.Context())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := s.router.FindRoute(copied)
	if err != nil {
		t.Errorf("%s %s is not described: %v", q.Method, q.URL.Path, err)
		return
	}
	if err := openapi3filter.ValidateRequest(q.Context(), &openapi3filter.RequestValidationInput{Request: copied, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true}}); err != nil {
		t.Errorf("%s %s is not as described: %v\n%s", q.Method, q.URL.Path, err, body)
	}
}

// take returns the bodies since the last time.
func (s *described) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	bodies := s.bodies
	s.bodies = nil
	return bodies
}

// settled is a destination from its settings; every secret is in secrets by the
// name of its variable.
func settled(t *testing.T, secrets map[string]string, lines ...string) Destination {
	t.Helper()
	d, err := decodeTracker(func(_, env string) (string, error) { return secrets[env], nil },
		"- name: desk\n  timeout: 2s\n  "+strings.Join(lines, "\n  ")+"\n")
	if err != nil {
		t.Fatal(err)
	}
	return d
}
