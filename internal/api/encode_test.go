package api

import (
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"
)

func TestAppendTextQuotesAsJSONDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.String(),
			rapid.StringOfN(rapid.RuneFrom([]rune("ab \x1f\x7f\"\\\u0080\u2028/<")), 0, 40, -1),
			rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 40), func(b []byte) string { return string(b) }),
		).Draw(t, "text")
		want, err := jsontext.AppendQuote(nil, strings.ToValidUTF8(text, "\uFFFD"))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(AppendText([]byte("["), text)); got != "["+string(want) {
			t.Fatalf("%q: got %s, want %s", text, got[1:], want)
		}
	})
}

func TestAppend(t *testing.T) {
	at := time.Date(2021, 9, 8, 17, 22, 8, 678e6, time.FixedZone("", 3600))
	for _, test := range []struct{ name, got, want string }{
		{"first member", string(AppendMember([]byte(`{`), `"A":`)), `{"A":`},
		{"next member", string(AppendMember([]byte(`{"A":1`), `"B":`)), `{"A":1,"B":`},
		{"first element", string(AppendComma([]byte(`[`), '[')), `[`},
		{"next element", string(AppendComma([]byte(`["["`), '[')), `["[",`},
		{"integer", string(AppendInteger(nil, int32(-7))), `-7`},
		{"long", string(AppendInteger(nil, int64(1)<<40)), `1099511627776`},
		{"boolean", string(AppendBoolean(nil, true)), `true`},
		{"time", string(AppendTime(nil, at)), `1631118128.678`},
		{"whole second", string(AppendTime(nil, at.Truncate(time.Second))), `1631118128`},
		{"before 1970", string(AppendTime(nil, time.UnixMilli(-1050))), `-1.050`},
		{"date", string(AppendDate(nil, at)), `"2021-09-08T16:22:08Z"`},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, test.got, test.want)
		}
	}
}

func TestSorted(t *testing.T) {
	var seen []string
	for key, value := range Sorted(map[string]string{"b": "2", "a": "1", "c": "3"}) {
		if seen = append(seen, key+value); key == "b" {
			break
		}
	}
	if got := strings.Join(seen, " "); got != "a1 b2" {
		t.Errorf("got %s", got)
	}
}
