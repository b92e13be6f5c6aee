package authn

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// canonicalHash returns the hash of a request in the form that is signed.
func canonicalHash(r *http.Request, auth *authorization, payload string, bodyLength int) [sha256.Size]byte {
	var room [1536]byte // which suffices for one with a session token
	return sha256.Sum256(appendCanonical(room[:0], r, auth, payload, bodyLength))
}

// appendCanonical appends a request in the form that is signed. The payload is the hash of the body.
func appendCanonical(b []byte, r *http.Request, auth *authorization, payload string, bodyLength int) []byte {
	b = append(b, r.Method...)
	b = append(b, '\n')
	b = appendURI(b, r.URL.EscapedPath())
	b = append(b, '\n')
	b = appendQuery(b, auth.query, auth.presigned)
	b = append(b, '\n')
	for _, name := range auth.signedHeaders {
		b = append(b, name...)
		b = append(b, ':')
		b = appendHeader(b, r, name, bodyLength)
		b = append(b, '\n')
	}
	b = append(b, '\n')
	for i, name := range auth.signedHeaders {
		if i > 0 {
			b = append(b, ';')
		}
		b = append(b, name...)
	}
	b = append(b, '\n')
	return append(b, payload...)
}

// appendHeader appends the values of a header that was signed. net/http moves two of them out of the header map: the
// host always, and the length of the body in HTTP/2.
func appendHeader(b []byte, r *http.Request, name string, bodyLength int) []byte {
	if name == "host" {
		return appendTrimmed(b, r.Host)
	}
	values := headerValues(r.Header, name)
	if values == nil && name == "content-length" {
		return strconv.AppendInt(b, int64(bodyLength), 10)
	}
	for i, value := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendTrimmed(b, value)
	}
	return b
}

// headerValues returns the values of a header by its name in lower case. It is h.Values without a new string for the
// name in net/http's spelling.
func headerValues(h http.Header, name string) []string {
	var space [64]byte
	key := append(space[:0], name...)
	begins := true
	for i, c := range key {
		if begins && 'a' <= c && c <= 'z' {
			key[i] = c - 'a' + 'A'
		}
		begins = c == '-'
	}
	return h[string(key)]
}

// appendTrimmed appends a header's value without the spaces around it and with one for each run of spaces inside.
func appendTrimmed(b []byte, value string) []byte {
	value = strings.Trim(value, " \t")
	if !strings.Contains(value, "  ") {
		return append(b, value...)
	}
	for i := range len(value) {
		if value[i] == ' ' && value[i-1] == ' ' {
			continue
		}
		b = append(b, value[i])
	}
	return b
}

// appendURI appends an escaped path, normalized as RFC 3986 says and escaped once more.
func appendURI(b []byte, path string) []byte {
	if path == "" || path == "/" {
		return append(b, '/')
	}
	for segment := range strings.SplitSeq(normalize(path), "/") {
		b = appendEscaped(b, segment)
		b = append(b, '/')
	}
	return b[:len(b)-1]
}

// normalize removes empty and dot segments from a path.
func normalize(path string) string {
	var kept []string
	last := ""
	for segment := range strings.SplitSeq(path, "/") {
		last = segment
		switch segment {
		case "", ".":
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		default:
			kept = append(kept, segment)
		}
	}
	if len(kept) == 0 {
		return "/"
	}
	normal := "/" + strings.Join(kept, "/")
	if last == "" || last == "." || last == ".." {
		normal += "/"
	}
	return normal
}

// parameter is a parameter of a query, decoded.
type parameter struct{ name, value string }

// parseQuery decodes the query of a URL.
func parseQuery(raw string) ([]parameter, error) {
	if raw == "" {
		return nil, nil
	}
	var query []parameter
	for field := range strings.SplitSeq(raw, "&") {
		if field == "" {
			continue
		}
		name, value, _ := strings.Cut(field, "=")
		name, errName := url.QueryUnescape(name)
		value, errValue := url.QueryUnescape(value)
		if cmp.Or(errName, errValue) != nil {
			return nil, refuse(Incomplete, "The query string has an invalid percent-encoding.")
		}
		query = append(query, parameter{name, value})
	}
	return query, nil
}

// appendQuery appends the parameters, escaped and then sorted; of a presigned request without the signature itself.
func appendQuery(b []byte, query []parameter, presigned bool) []byte {
	if len(query) == 0 {
		return b
	}
	escaped := make([]parameter, 0, len(query))
	for _, q := range query {
		if presigned && q.name == "X-Amz-Signature" {
			continue
		}
		escaped = append(escaped, parameter{escape(q.name), escape(q.value)})
	}
	slices.SortFunc(escaped, func(x, y parameter) int {
		return cmp.Or(cmp.Compare(x.name, y.name), cmp.Compare(x.value, y.value))
	})
	for i, q := range escaped {
		if i > 0 {
			b = append(b, '&')
		}
		b = append(b, q.name...)
		b = append(b, '=')
		b = append(b, q.value...)
	}
	return b
}

func escape(text string) string { return string(appendEscaped(nil, text)) }

// appendEscaped percent-encodes everything but RFC 3986's unreserved characters.
func appendEscaped(b []byte, text string) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(text) {
		c := text[i]
		switch {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~':
			b = append(b, c)
		default:
			b = append(b, '%', digits[c>>4], digits[c&15])
		}
	}
	return b
}

func hashHex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
