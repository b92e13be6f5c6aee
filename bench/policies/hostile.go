package policies

import (
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/espalier-cloud/espalier/policy"
)

// The longest chain that is legal: the root, five levels of organizational units and the account, each with ten service
// control policies of the most characters, and the longest resource that this benchmark asks about.
const (
	hostileLevels    = 7
	hostileDocuments = 10
	hostileSize      = 10_240
	hostileResource  = 1024
)

// Hostile is a chain of policies made to be slow, and the request that it is slow for.
type Hostile struct {
	Name     string
	Policies policy.Policies
	Request  *policy.Request
}

// hostility is a way to be slow: patterns in an element, as many as a document holds, that a value nearly matches again and
// again. In no document does any of them match.
type hostility struct {
	name    string
	element string // Resource, Action, or a condition operator
	single  bool   // each pattern has a statement of its own
	value   string // of the resource behind the fifth colon, of the action behind the first, or of the condition key
	pattern func(document, i int) string
}

// hostileKey is a key whose value anybody may choose. It is short, so that many variables fit.
const hostileKey = "aws:referer"

// hostilities are the ways to be slow.
func hostilities() []hostility {
	as := strings.Repeat("a", hostileResource-len(hostileHead))
	all := resourceHostilities(as)
	for _, h := range textHostilities(as) {
		all = append(all, h)
		h.name, h.single = h.name+", a statement each", true
		all = append(all, h)
	}
	return all
}

func resourceHostilities(as string) []hostility {
	bruijn := deBruijn(len(as))
	in := func(pattern func(document, i int) string) func(int, int) string {
		return func(document, i int) string { return "arn:*:*:*:*:" + pattern(document, i) }
	}
	long := func(document, i int) string {
		return "*" + strings.Repeat("a", 200+document) + "*" + strings.Repeat("a", 100+i) + "b*"
	}
	everywhere := func(_, i int) string { return "arn:*?:*?*:*?*:*?*:" + strings.Repeat("*a", 4+i%4) + "*b" }
	variables := func(int, int) string { return "${" + hostileKey + "}${" + hostileKey + "}*b" }
	return []hostility{
		{"stars", "Resource", false, as, in(stars)},
		{"stars, a statement each", "Resource", true, as, in(stars)},
		{"long pieces", "Resource", false, as, in(long)},
		{"short patterns", "Resource", false, as, in(short)},
		{"short patterns, a statement each", "Resource", true, as, in(short)},
		{"question marks", "Resource", false, as, in(questions)},
		{"long runs and question marks", "Resource", false, runsOf(as, 60), in(func(_, i int) string {
			return "*" + strings.Repeat("a?", 10+i%12) + "b?" + strings.Repeat("a?", 20) + "b*"
		})},
		{"single characters and question marks", "Resource", false, as, in(func(int, int) string { return strings.Repeat("*a?", 60) + "*b*" })},
		{"only question marks", "Resource", false, as, in(func(_, i int) string { return strings.Repeat("?", 500+i) + "*b" })},
		{"question marks beyond ASCII", "Resource", false, strings.Repeat("é", len(as)/2), in(func(_, i int) string { return "*" + strings.Repeat("é?", 5+i%10) + "b*" })},
		{"pieces of a text without repetition", "Resource", false, bruijn, in(func(document, i int) string { return slidingPieces(bruijn, document*131+i*17, 12) })},
		{"few pieces of a text without repetition", "Resource", false, bruijn, in(func(document, i int) string { return slidingPieces(bruijn, document*131+i*17, 3) })},
		{"wildcards in every part", "Resource", false, as, everywhere},
		{"variables", "Resource", false, as, in(variables)},
		{"variables, a statement each", "Resource", true, as, in(variables)},
		{"stars", "Action", false, strings.Repeat("a", 128), func(_, i int) string { return "s3:" + strings.Repeat("*a", 1+i%3) + "*b" }},
		{"question marks", "Action", true, strings.Repeat("a", 128), func(_, i int) string { return "s3:*" + strings.Repeat("?", 1+i%30) + "b" }},
	}
}

func textHostilities(as string) []hostility {
	same := func(pattern string) func(int, int) string { return func(int, int) string { return pattern } }
	rare := "b" + as[1:]
	falling := strings.Repeat("b", len(as)/2) + strings.Repeat("a", len(as)/2)
	runs := runsOf(as, 61)
	random := randomText(len(as))
	bruijn := deBruijn(len(as))
	digits := "1" + strings.Repeat("0", len(as)-2) + "1"
	return []hostility{
		{"stars", "StringLike", false, as, stars},
		{"short patterns", "StringLike", false, as, short},
		{"question marks", "StringLike", false, as, questions},
		{"short question marks", "StringLike", false, as, same("*?b*")},
		{"question marks beyond ASCII", "StringLike", false, strings.Repeat("é", len(as)/2), same("*é?b*")},
		{"the last of a long text", "StringNotLike", false, as + "b", same("*ab")},
		{"what comes once", "StringLike", false, rare, same("*ab*")},
		{"what never comes in this order", "StringLike", false, falling, same("*ab*")},
		{"single characters", "StringLike", false, rare, func(_, i int) string { return strings.Repeat("*a", 8+i%8) + "*b*" }},
		{"runs", "StringLike", false, runs, func(_, i int) string { return "*" + strings.Repeat("a", 62+i%2) + "*" }},
		{"runs and question marks", "StringLike", false, runs, func(_, i int) string {
			return "*" + strings.Repeat("a", 40) + "?" + strings.Repeat("a", 38+i%4) + "?" + strings.Repeat("a", 44) + "*"
		}},
		{"copies but for one character", "StringLike", false, bruijn, func(document, i int) string { return "*" + nearCopy(bruijn, document*131+i*17, 20, 0) + "*" }},
		{"copies but for one character and question marks", "StringLike", false, bruijn, func(document, i int) string { return "*" + nearCopy(bruijn, document*131+i*17, 40, 2) + "*" }},
		{"long runs and question marks", "StringLike", false, runsOf(as, 60), func(_, i int) string {
			return "*" + strings.Repeat("a?", 10+i%12) + "b?" + strings.Repeat("a?", 20) + "b*"
		}},
		{"runs with any question marks", "StringLike", false, runsOf(as, 60), func(document, i int) string {
			return "*" + maskedBy(strings.Repeat("a", 80), document*997+i) + "*"
		}},
		{"single characters and question marks", "StringLike", false, as, same(strings.Repeat("*a?", 60) + "*b*")},
		{"single characters further on", "StringLike", false, strings.Repeat("ba", len(as)/2), same(strings.Repeat("*a", len(as)/2-20) + "*c*")},
		{"pieces of random text", "StringLike", false, random, func(document, i int) string { return slidingPieces(random, document*131+i*17, 8) }},
		{"pieces of random text and question marks", "StringLike", false, random, func(document, i int) string {
			return maskedBy(slidingPieces(random, document*131+i*17, 8), document*997+i)
		}},
		{"short copies", "StringLike", false, bruijn, func(document, i int) string { return "*" + nearCopy(bruijn, document*131+i*17, 7, 0) + "*" }},
		{"many variables", "StringLike", false, as, same(strings.Repeat("${"+hostileKey+"}", 10) + "b")},
		{"variables with values", "StringLike", false, as, same("*${aws:userid}*")},
		{"variables with defaults", "StringLike", false, as, same("*${k:x,'b'}*")},
		{"variables", "StringEquals", false, as, same("${" + hostileKey + "}b")},
		{"short Greek", "StringEqualsIgnoreCase", false, strings.Repeat("Σ", len(as)/2), same("σ")},
		{"Greek", "StringEqualsIgnoreCase", false, strings.Repeat("Σ", len(as)/2), same(strings.Repeat("σ", 30))},
		{"long Greek", "StringEqualsIgnoreCase", false, strings.Repeat("Σ", len(as)/2), same(strings.Repeat("σ", len(as)/2))},
		{"stars", "ArnLike", false, "arn:aws:iam:eu-central-1:111122223333:" + as, func(document, i int) string { return "arn:*:*:*:*:" + stars(document, i) }},
		{"short patterns", "ArnLike", false, "arn:aws:iam:eu-central-1:111122223333:" + as, same("arn:*:*:*:*:*b*")},
		{"variables", "ArnLike", false, "arn:aws:iam:eu-central-1:111122223333:" + as, same("arn:*:*:*:*:${aws:userid}*")},
		{"wildcards in every part", "ArnLike", false, "arn:aws:iam:eu-central-1:111122223333:" + as, same("arn:*?:*?*:*?*:*?*z:*")},
		{"long numbers", "NumericEquals", false, digits, same("1e" + strconv.Itoa(len(digits)-1))},
		{"numbers", "NumericGreaterThan", false, digits, same("1e2000")},
		{"dates", "DateEquals", false, "2026-10-01T09:30:00." + as, same("2026")},
		{"addresses", "IpAddress", false, "2001:db8:ffff:ffff:ffff:ffff:255.255.255.255", same("2001:db8:ffff:ffff:ffff:ffff:255.255.255.254")},
	}
}

func stars(_, i int) string     { return strings.Repeat("*a", 8+i%8) + "*b" }
func short(_, _ int) string     { return "*b*" }
func questions(_, i int) string { return "*" + strings.Repeat("a?", 10+i%20) + "b*" }

// HostileChains makes a chain of policies for each way to be slow. Each is large: look at one at a time.
func HostileChains() iter.Seq2[Hostile, error] {
	return func(yield func(Hostile, error) bool) {
		for _, h := range hostilities() {
			chain, err := h.chain()
			if err != nil {
				err = fmt.Errorf("%s: %w", chain.Name, err)
			}
			if !yield(chain, err) {
				return
			}
		}
	}
}

func (h *hostility) chain() (chain Hostile, err error) {
	chain.Name = h.element + ", " + h.name
	if chain.Request, err = h.request(); err != nil {
		return chain, err
	}
	var levels []policy.Level
	for l := range hostileLevels {
		var attached []policy.Attached
		for d := range hostileDocuments {
			compiled, err := compile(policy.ServiceControlPolicy, h.document(l*hostileDocuments+d))
			if err != nil {
				return chain, err
			}
			attached = append(attached, policy.Attached{ID: fmt.Sprintf("p-%d-%d", l, d), Policy: compiled})
		}
		levels = append(levels, policy.Level{Target: fmt.Sprint("level-", l), Policies: policy.NewSet(attached...)})
	}
	chain.Policies.ServiceControl = policy.NewPath(levels...)
	return chain, nil
}

// hostileHead begins the resource of a hostile request.
const hostileHead = "arn:aws:s3:eu-central-1:111122223333:"

func (h *hostility) request() (*policy.Request, error) {
	action, resource := "s3:GetObject", hostileHead+"x"
	switch h.element {
	case "Resource":
		resource = hostileHead + h.value
	case "Action":
		action = "s3:" + h.value
	}
	r, err := policy.NewRequest("arn:aws:sts::"+account+":assumed-role/Developer/session-1", action, resource)
	if err != nil {
		return nil, err
	}
	for _, p := range circumstances() {
		r.Context.Set(p.Key, p.Values[0])
	}
	r.Context.Set(hostileKey, h.value)
	return r, nil
}

// around returns what a statement has before and after its patterns.
func (h *hostility) around() (before, after string) {
	switch h.element {
	case "Resource":
		return `{"Effect":"Deny","Action":"*","Resource":`, `}`
	case "Action":
		return `{"Effect":"Deny","Resource":"*","Action":`, `}`
	}
	return `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"` + h.element + `":{"` + hostileKey + `":`, `}}}`
}

// document writes as many patterns into a document as fit.
func (h *hostility) document(number int) []byte {
	const head, tail = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},`, `]}`
	before, after := h.around()
	open, separator, end := before+"[", ",", "]"+after
	if h.single {
		open, separator, end = before, after+","+before, after
	}
	text := head + open
	room := hostileSize - utf8.RuneCountInString(text+end+tail)
	for i := 0; ; i++ {
		pattern, _ := json.Marshal(h.pattern(number, i)) // a string can be
		if i > 0 {
			pattern = append([]byte(separator), pattern...)
		}
		if room -= utf8.RuneCount(pattern); room < 0 {
			return []byte(text + end + tail)
		}
		text += string(pattern)
	}
}

// slidingPieces is a pattern of n pieces of a text, in an order that fits, and an end that does not.
func slidingPieces(text string, start, n int) string {
	var pattern strings.Builder
	for i := range n {
		at := (start*7 + i*len(text)/n) % (len(text) - 6)
		pattern.WriteString("*" + text[at:at+3+i%3])
	}
	return pattern.String() + "*#"
}

// nearCopy copies n characters of a text, but for the last and every question-th.
func nearCopy(text string, start, n, question int) string {
	at := start % (len(text) - n)
	copied := []byte(text[at : at+n])
	for i := 1; question > 0 && i < n-1; i += question {
		copied[i] = '?'
	}
	copied[n-1] ^= 1 // another letter
	return string(copied)
}

// maskedBy puts question marks in place of some letters of a pattern, others for each number.
func maskedBy(pattern string, number int) string {
	r := rand.New(rand.NewPCG(5, uint64(number))) //nolint:gosec // the same for everybody is what is wanted
	masked := []byte(pattern)
	for i, c := range masked {
		if 'a' <= c && c <= 'z' && r.IntN(2) == 0 {
			masked[i] = '?'
		}
	}
	return string(masked)
}

// runsOf returns a text as long as another of runs of n letters "a" with a "b" between them.
func runsOf(text string, n int) string {
	return strings.Repeat(strings.Repeat("a", n)+"b", len(text)/(n+1)+1)[:len(text)]
}

// randomText returns text of n letters.
func randomText(n int) string {
	r := rand.New(rand.NewPCG(5, 8)) //nolint:gosec // the same for everybody is what is wanted
	text := make([]byte, n)
	for i := range text {
		text[i] = "abcdefghijklmnopqrst"[r.IntN(20)]
	}
	return string(text)
}

// deBruijn returns text of n characters in which no six characters come twice: a shift register's bits, as letters.
func deBruijn(n int) string {
	text := make([]byte, n)
	state := uint16(1)
	for i := range text {
		state = state>>1 ^ -(state&1)&0xb400
		text[i] = "abcd"[state&3]
	}
	return string(text)
}
