package ops

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"iter"
	"time"

	"github.com/espalier-cloud/espalier/internal/org"
)

// tokenLife is how long a NextToken is good.
const tokenLife = 24 * time.Hour

// Why a NextToken is no good.
var (
	errTokenForged  = errors.New("this is no token of this list")
	errTokenExpired = errors.New("the token has expired")
)

// Tokens makes and reads NextTokens: opaque places in a list that nobody else
// can make, good for one organization, operation and filter only.
type Tokens struct {
	key   []byte
	clock func() time.Time
	life  time.Duration
}

// NewTokens returns the tokens of a server. Servers that share a database must
// have the same key, of at least 32 bytes.
func NewTokens(key []byte, clock func() time.Time) *Tokens { return &Tokens{key, clock, tokenLife} }

// lasting returns tokens that are good for another time.
func (t *Tokens) lasting(life time.Duration) *Tokens { return &Tokens{t.key, t.clock, life} }

// next returns the token that continues a list behind the cursor. The scope
// names the organization, the operation and its filters.
func (t *Tokens) next(scope string, cursor org.Cursor) string {
	body := binary.BigEndian.AppendUint64(nil, uint64(t.clock().Add(t.life).Unix()))
	body = append(body, cursor...)
	// Not the URL alphabet: the AWS CLI takes a token that begins with a dash for a flag.
	return base64.StdEncoding.EncodeToString(append(t.mac(scope, body), body...))
}

// read returns the cursor of a token, or errTokenForged or errTokenExpired.
func (t *Tokens) read(scope, token string) (org.Cursor, error) {
	raw, err := base64.StdEncoding.DecodeString(token)
	if err != nil || len(raw) < sha256.Size+8 {
		return "", errTokenForged
	}
	mac, body := raw[:sha256.Size], raw[sha256.Size:]
	if !hmac.Equal(mac, t.mac(scope, body)) {
		return "", errTokenForged
	}
	if expires := int64(binary.BigEndian.Uint64(body)); t.clock().Unix() >= expires {
		return "", errTokenExpired
	}
	return org.Cursor(body[8:]), nil
}

func (t *Tokens) mac(scope string, body []byte) []byte {
	h := hmac.New(sha256.New, t.key)
	// The length keeps a scope's end and a body's beginning apart.
	_ = binary.Write(h, binary.BigEndian, uint64(len(scope)))
	h.Write([]byte(scope))
	h.Write(body)
	return h.Sum(nil)
}

// maxResults is the largest page of the Organizations API, and the size of one
// for which the caller gives no size.
const maxResults = 20

// A page is the part of a list that a call asks for.
type page struct {
	tokens *Tokens
	scope  string     // organization, operation and filters
	after  org.Cursor // where it begins
	size   int
}

// page reads what a call asks for: size is the number that it gives, or what it
// means when it gives none. It returns InvalidInput INVALID_NEXT_TOKEN.
func (t *Tokens) page(scope string, size *int32, otherwise int, token *string) (page, error) {
	p := page{tokens: t, scope: scope, size: otherwise}
	if size != nil {
		p.size = int(*size)
	}
	if token == nil {
		return p, nil
	}
	var err error
	if p.after, err = t.read(scope, *token); err != nil {
		return p, &org.Error{Kind: org.InvalidInput, Reason: "INVALID_NEXT_TOKEN", Err: err, Message: "You specified an invalid value for nextToken. You must get the value from the response to a previous call to the API."}
	}
	return p, nil
}

// next returns the token of the page behind one that ends at the cursor.
func (p *page) next(end org.Cursor) *string { return new(p.tokens.next(p.scope, end)) }

// collect takes a page from a list that begins where the page does, as the API
// shows its elements, and the token of the next page, which is nil at the end.
func collect[T, Out any](p page, list iter.Seq2[org.Cursor, T], show func(T) Out) ([]Out, *string) {
	out := make([]Out, 0, p.size)
	var last org.Cursor
	for cursor, element := range list {
		if len(out) == p.size {
			return out, p.next(last)
		}
		out = append(out, show(element))
		last = cursor
	}
	return out, nil
}
