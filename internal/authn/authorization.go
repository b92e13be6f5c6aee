package authn

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"

	basicFormat = "20060102T150405Z" // ISO 8601 without separators
	maxExpires  = 604800             // seconds: a week
)

// Scope is the credential scope of a signature: which key signed it, for which day, region and service.
type Scope struct {
	AccessKeyID identity.AccessKeyID
	Date        string // YYYYMMDD
	Region      string
	Service     string
	terminator  string
}

// String returns the scope as it is signed: without the key.
func (s Scope) String() string { return string(s.appendTo(nil)) }

func (s Scope) appendTo(b []byte) []byte {
	b = append(append(b, s.Date...), '/')
	b = append(append(b, s.Region...), '/')
	b = append(append(b, s.Service...), '/')
	return append(b, s.terminator...)
}

// ScopeOf returns the credential scope that a request claims, for routing. It verifies nothing; false means that the
// request has none that could be read.
func ScopeOf(r *http.Request) (Scope, bool) {
	p, _, err := readParameters(r)
	if err != nil {
		return Scope{}, false
	}
	scope, err := parseScope(p.credential)
	return scope, err == nil
}

// authorization is all that a request says about its signature.
type authorization struct {
	scope         Scope
	signedHeaders []string
	signature     string
	at            time.Time
	stamp         string // at, as it is signed
	token         string // of a session, or ""

	query     []parameter // of the request's URL, decoded
	presigned bool
	expires   time.Duration // of a presigned request, or 0
}

// parameters are the texts of an authorization, before they are parsed.
type parameters struct {
	credential, signedHeaders, signature string
	date, expires, token                 string
	presigned                            bool
}

// readAuthorization reads the authorization of a request from its header or, when there is none, from its query.
func readAuthorization(r *http.Request) (*authorization, error) {
	p, query, err := readParameters(r)
	if err != nil {
		return nil, err
	}
	if err := p.checkPresent(); err != nil {
		return nil, err
	}
	auth := &authorization{
		signedHeaders: strings.Split(p.signedHeaders, ";"),
		signature:     p.signature,
		token:         p.token,
		query:         query,
		presigned:     p.presigned,
	}
	if auth.scope, err = parseScope(p.credential); err != nil {
		return nil, err
	}
	if auth.at, err = parseDate(p.date); err != nil {
		return nil, err
	}
	if auth.stamp = p.date; len(p.date) != len(basicFormat) { // one of HTTP's formats
		auth.stamp = auth.at.Format(basicFormat)
	}
	if auth.expires, err = parseExpires(p.expires); err != nil {
		return nil, err
	}
	return auth, nil
}

func readParameters(r *http.Request) (parameters, []parameter, error) {
	query, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return parameters{}, nil, err
	}
	var p parameters
	switch headers := r.Header.Values("Authorization"); {
	case len(headers) > 1:
		return p, nil, refuse(Incomplete, "A request has one Authorization header.")
	case len(headers) == 1 && headers[0] != "":
		p, err = parseHeader(headers[0])
		p.date = r.Header.Get("X-Amz-Date")
		if p.date == "" {
			p.date = r.Header.Get("Date")
		}
		p.token = r.Header.Get("X-Amz-Security-Token")
	default:
		p, err = readQuery(query)
	}
	return p, query, err
}

// parseHeader reads "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…".
func parseHeader(header string) (parameters, error) {
	var p parameters
	name, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	if name != algorithm {
		return p, refuse(Incomplete, "Unsupported AWS 'algorithm': '%s'", excerpt(name))
	}
	for field := range strings.SplitSeq(rest, ",") {
		field = strings.TrimSpace(field)
		if field == "" {
			continue
		}
		key, value, ok := strings.Cut(field, "=")
		if !ok {
			return p, refuse(Incomplete, "'%s' not a valid key=value pair (missing equal-sign) in Authorization header.",
				excerpt(field))
		}
		target := p.field(key)
		if target == nil || *target != "" {
			return p, refuse(Incomplete, "Authorization header has an unexpected '%s' parameter.", excerpt(key))
		}
		*target = value
	}
	return p, nil
}

// field returns where a parameter of the Authorization header is kept, nil for one that it does not have.
func (p *parameters) field(name string) *string {
	switch name {
	case "Credential":
		return &p.credential
	case "SignedHeaders":
		return &p.signedHeaders
	case "Signature":
		return &p.signature
	default:
		return nil
	}
}

// readQuery reads the X-Amz-… parameters of a presigned request.
func readQuery(query []parameter) (parameters, error) {
	p := parameters{presigned: true}
	var alg string
	targets := map[string]*string{
		"X-Amz-Algorithm": &alg, "X-Amz-Credential": &p.credential, "X-Amz-Date": &p.date,
		"X-Amz-Expires": &p.expires, "X-Amz-SignedHeaders": &p.signedHeaders, "X-Amz-Signature": &p.signature,
		"X-Amz-Security-Token": &p.token,
	}
	found := false
	for _, q := range query {
		target, ok := targets[q.name]
		if !ok {
			continue
		}
		if *target != "" {
			return p, refuse(Incomplete, "The query parameter '%s' is given twice.", q.name)
		}
		found = true
		*target = q.value
	}
	switch {
	case !found:
		return p, refuse(MissingToken, msgMissing)
	case alg != algorithm:
		return p, refuse(Incomplete, "Unsupported AWS 'algorithm': '%s'", excerpt(alg))
	}
	return p, nil
}

// checkPresent refuses an authorization with parts missing. The message lists them all, as AWS's does.
func (p *parameters) checkPresent() error {
	where, prefix := "Authorization header", ""
	if p.presigned {
		where, prefix = "AWS query-string parameters", "X-Amz-"
	}
	var missing []string
	for _, part := range [...]struct{ name, value string }{
		{"Credential", p.credential}, {"Signature", p.signature}, {"SignedHeaders", p.signedHeaders},
	} {
		if part.value == "" {
			missing = append(missing, where+" requires '"+prefix+part.name+"' parameter.")
		}
	}
	if p.date == "" {
		missing = append(missing, where+" requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if missing != nil {
		return refuse(Incomplete, "%s Authorization=%s", strings.Join(missing, " "), algorithm)
	}
	return nil
}

func parseScope(credential string) (Scope, error) {
	var f [5]string
	n := 0
	for element := range strings.SplitSeq(credential, "/") {
		f[min(n, len(f)-1)] = element
		n++
	}
	if n != len(f) || f[0] == "" {
		return Scope{}, refuse(Incomplete, "Credential must have exactly 5 slash-delimited elements, "+
			"e.g. keyid/date/region/service/term, got '%s'", excerpt(credential))
	}
	if region := f[2]; region == "" || strings.Trim(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return Scope{}, refuse(Incomplete, "Credential should be scoped to a valid region, not '%s'. ", excerpt(region))
	}
	return Scope{AccessKeyID: identity.AccessKeyID(f[0]), Date: f[1], Region: f[2], Service: f[3], terminator: f[4]}, nil
}

// parseDate reads ISO 8601's basic format or, from a Date header, one of HTTP's formats.
func parseDate(text string) (time.Time, error) {
	if t, err := time.Parse(basicFormat, text); err == nil {
		return t, nil
	}
	if t, err := http.ParseTime(text); err == nil {
		return t.UTC(), nil
	}
	return time.Time{}, refuse(Incomplete, "Date must be in ISO-8601 'basic format'. Got '%s'. "+
		"See http://en.wikipedia.org/wiki/ISO_8601", excerpt(text))
}

func parseExpires(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 1 || seconds > maxExpires {
		return 0, refuse(Incomplete, "X-Amz-Expires must be a number of seconds from 1 to %d (a week)", maxExpires)
	}
	return time.Duration(seconds) * time.Second, nil
}

// excerpt returns the beginning of a text that a message quotes: a client's mistake need not come back whole.
func excerpt(text string) string {
	const limit = 128
	if len(text) > limit {
		text = text[:limit] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
