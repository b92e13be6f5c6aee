package api

import (
	"encoding/binary"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// DateFormat is how some times are written in JSON, and all in XML.
const DateFormat = "2006-01-02T15:04:05Z"

// AppendComma appends what goes between the elements of a list, or the members of an object: nothing
// behind the bracket that opens it.
func AppendComma(b []byte, opening byte) []byte {
	if b[len(b)-1] == opening {
		return b
	}
	return append(b, ',')
}

// AppendMember begins a member of an object. Key is its name in quotes and a colon.
func AppendMember(b []byte, key string) []byte { return append(AppendComma(b, '{'), key...) }

// AppendText appends a string. Bytes that are no UTF-8 become U+FFFD.
func AppendText[T ~string](b []byte, text T) []byte {
	start := len(b)
	b = append(append(b, '"'), text...)
	if isPlain(b[start+1:]) {
		return append(b, '"')
	}
	quoted, err := jsontext.AppendQuote(b[:start], string(text))
	if err != nil {
		quoted, _ = jsontext.AppendQuote(b[:start], strings.ToValidUTF8(string(text), "\uFFFD"))
	}
	return quoted
}

// isPlain reports whether a text is written as it is: it is ASCII without quotes, backslashes and control characters.
func isPlain(text []byte) bool {
	if len(text) < 8 {
		for _, c := range text {
			if c < ' ' || c >= 0x80 || c == '"' || c == '\\' {
				return false
			}
		}
		return true
	}
	last := special(text[len(text)-8:]) // some of these bytes are looked at twice
	for ; len(text) > 8; text = text[8:] {
		last |= special(text)
	}
	return last == 0
}

// special looks at eight bytes at once. The result is zero when all of them are plain: the highest bit of each byte tells.
func special(text []byte) uint64 {
	const each, high = 0x0101010101010101, 0x8080808080808080
	w := binary.LittleEndian.Uint64(text)
	control, quote, backslash := w-each*' ', (w^each*'"')-each, (w^each*'\\')-each
	return (w | control | quote | backslash) & high
}

// AppendInteger appends an integer.
func AppendInteger[N int32 | int64](b []byte, n N) []byte { return strconv.AppendInt(b, int64(n), 10) }

// AppendBoolean appends true or false.
func AppendBoolean(b []byte, value bool) []byte { return strconv.AppendBool(b, value) }

// AppendTime appends a time as seconds since 1970 with up to three decimals.
func AppendTime(b []byte, t time.Time) []byte {
	ms := t.UnixMilli()
	if ms < 0 {
		b = append(b, '-')
		ms = -ms
	}
	b = strconv.AppendInt(b, ms/1000, 10)
	if ms %= 1000; ms > 0 {
		b = append(b, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
	}
	return b
}

// AppendDate appends a time as text in [DateFormat].
func AppendDate(b []byte, t time.Time) []byte {
	return append(t.UTC().AppendFormat(append(b, '"'), DateFormat), '"')
}

// Sorted ranges over a map in the order of its keys, so that an answer is always the same bytes.
func Sorted[K ~string, V any](m map[K]V) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for _, key := range Keys(m) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
