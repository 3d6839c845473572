package outbox

import (
	"context"
	"net/http"
)

// client makes HTTP requests to the hosts of one destination and to no others:
// redirects elsewhere are refused, certificates are verified, answers bounded.
// No error that it returns holds a header, a query or a body that we sent.
type client struct{ http *http.Client }

// request is one request.
type request struct {
	method string
	url    string
	header http.Header // beside what body needs
	body   any         // marshalled as JSON; []byte as it is; nil none
	kind   string      // of the body; "" is application/json
	safe   bool        // doing it twice is the same as once: a failure leaves no doubt that it may be repeated
	accept []int       // statuses that mean success; none: 200 to 299
}

// response is the answer.
type response struct {
	status int
	header http.Header
	body   []byte // at most 1 MiB
}

// do makes a request once. An answer that is no success is a *Failure, with the
// response beside it.
func (c *client) do(ctx context.Context, r request) (*response, error) {
	panic("outbox: no client yet")
}
