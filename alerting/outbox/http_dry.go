package outbox

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// ErrDry ends a dry run: what would follow depends on an answer.
var ErrDry = errors.New("outbox: a dry run ends where the answer would be needed")

// dryKey is where a context keeps the writer of a dry run.
type dryKey struct{}

// DryRun makes a context with which destinations write their requests instead of
// making them, all secrets as ***. The method that was called then ends with ErrDry.
func DryRun(ctx context.Context, w io.Writer) context.Context {
	return context.WithValue(ctx, dryKey{}, w)
}

// dryWriter is where a dry run writes; nil where it is none.
func dryWriter(ctx context.Context) io.Writer {
	w, _ := ctx.Value(dryKey{}).(io.Writer)
	return w
}

// hidden stands for a secret.
const hidden = "***"

// show writes the request as it would go out.
func (r *request) show(w io.Writer, q *http.Request, body []byte) (*response, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", q.Method, q.URL.RequestURI(), q.URL.Host)
	if q.ContentLength > 0 || slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, q.Method) {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", q.ContentLength)
	}
	head := q.Header.Clone()
	for name := range head {
		if secretHeader(name) {
			head.Set(name, hidden)
		}
	}
	if err := head.Write(&b); err != nil {
		return nil, err
	}
	b.WriteString("\r\n")
	if r.file != nil {
		fmt.Fprintf(&b, "(%d octets of %s, SHA-256 %s)", r.file.Bytes, r.file.Name, r.file.SHA256)
	}
	b.Write(body)
	b.WriteString("\n\n")
	if _, err := io.WriteString(w, r.masked(strings.ReplaceAll(b.String(), "\r\n", "\n"))); err != nil {
		return nil, err
	}
	if r.pretend == "" {
		return nil, ErrDry
	}
	return &response{status: http.StatusOK, header: http.Header{}, body: []byte(r.pretend)}, nil
}

// secretHeader reports whether a header holds a secret by its name.
func secretHeader(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"authorization", "cookie", "token", "secret", "api-key", "apikey", "password"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// masked is a text with *** in place of the secrets of the request, however
// they are written.
func (r *request) masked(text string) string {
	for _, secret := range r.allSecrets() {
		for _, form := range forms(secret) {
			text = strings.ReplaceAll(text, form, hidden)
		}
	}
	return text
}

// allSecrets lists the secrets of the request, the longest first, so that one
// that holds another is gone before it.
func (r *request) allSecrets() []string {
	list := slices.Clone(r.secrets)
	for name, values := range r.header {
		if !secretHeader(name) {
			continue
		}
		for _, v := range values {
			list = append(list, v)
			scheme, token, found := strings.Cut(v, " ")
			if !found {
				continue
			}
			list = append(list, token)
			if plain, err := base64.StdEncoding.DecodeString(token); err == nil && strings.EqualFold(scheme, "Basic") {
				_, password, _ := strings.Cut(string(plain), ":")
				list = append(list, password)
			}
		}
	}
	list = slices.DeleteFunc(list, func(s string) bool { return len(s) < 3 })
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
}

// forms lists how a secret may stand in a text: as it is, in JSON, in an address.
func forms(secret string) []string {
	list := []string{secret, url.QueryEscape(secret), url.PathEscape(secret)}
	if quoted, err := json.Marshal(secret); err == nil {
		list = append(list, string(quoted[1:len(quoted)-1]))
	}
	if quoted, err := jsonOf(secret); err == nil {
		list = append(list, string(quoted[1:len(quoted)-1]))
	}
	slices.Sort(list)
	return slices.Compact(list)
}
