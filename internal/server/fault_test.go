package server

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/api/tagging"
)

func TestFaultsAreChecked(t *testing.T) {
	for _, test := range []struct{ rules, want string }{
		{`[{"operation":"List*","kind":"throttle"}]`, ""},
		{`[{"operation":"*","kind":"slow","delay":"30s","rate":0.5,"count":3,"seed":18446744073709551615}]`, ""},
		{`[{"operation":"*","kind":"error","code":"X"}]`, ""},
		{`[{"operation":"CreateAccount","kind":"late","delay":"720h"}]`, ""},
		{`[{"operation":"CreateAccount","kind":"fail","reason":"EMAIL_ALREADY_EXISTS"}]`, ""},
		{`[{"operation":"CloseAccount","kind":"oscillate","returns":2}]`, ""},
		{`[{"operation":"*","kind":"throttle"},{"operation":"","kind":"throttle"}]`, "rule 2: operation"},
		{`[{"operation":"[","kind":"throttle"}]`, "operation"},
		{`[{"operation":"*","kind":"explode"}]`, `kind "explode" is not known`},
		{`[{"operation":"*"}]`, "kind"},
		{`[{"operation":"*","kind":"throttle","rate":1.5}]`, "rate 1.5"},
		{`[{"operation":"*","kind":"throttle","rate":-1}]`, "rate -1"},
		{`[{"operation":"*","kind":"throttle","count":-1}]`, "negative"},
		{`[{"operation":"*","kind":"oscillate","returns":-1}]`, "negative"},
		{`[{"operation":"*","kind":"slow"}]`, "needs a delay"},
		{`[{"operation":"*","kind":"slow","delay":"31s"}]`, "at most 30s"},
		{`[{"operation":"*","kind":"late"}]`, "needs a delay"},
		{`[{"operation":"*","kind":"error"}]`, "needs a code"},
		{`[{"operation":"*","kind":"fail","reason":"TIRED"}]`, `reason "TIRED"`},
		{`[{"operation":"*","kind":"slow","delay":"-1s"}]`, "not a time span"},
		{`[{"operation":"*","kind":"throttle","rtae":1}]`, `unknown object member name "rtae"`},
	} {
		var rules []Fault
		err := json.Unmarshal([]byte(test.rules), &rules, json.RejectUnknownMembers(true))
		if err == nil {
			err = new(Faults).Set(rules)
		}
		if got := fmt.Sprint(err); test.want == "" && err != nil || !strings.Contains(got, test.want) {
			t.Errorf("%s\n got %s\nwant %s", test.rules, got, test.want)
		}
	}
}

func TestFaultsThatAreRefusedChangeNothing(t *testing.T) {
	f := profile(t, Fault{Operation: "*", Kind: FaultThrottle})
	if err := f.Set([]Fault{{Operation: "*", Kind: "unheard of"}}); err == nil {
		t.Fatal("accepted")
	}
	if got := f.Rules(); len(got) != 1 || got[0].Kind != FaultThrottle {
		t.Errorf("the profile is %+v, want the one before", got)
	}
}

func profile(t *testing.T, rules ...Fault) *Faults {
	t.Helper()
	f := new(Faults)
	if err := f.Set(rules); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFaultsAnswerAsAWSDoes(t *testing.T) {
	for _, test := range []struct {
		fault   Fault
		service *api.Service
		code    string
		status  int
		message string
	}{
		{Fault{Kind: FaultThrottle}, organizations.Service(), "TooManyRequestsException", 400, "You have sent too many requests in too short a period of time. Try again later."},
		{Fault{Kind: FaultThrottleConcurrent}, organizations.Service(), "TooManyRequestsException", 400, "AWS Organizations can't complete your request because another request is already in progress. Try again later."},
		{Fault{Kind: FaultThrottle}, sts.Service(), "Throttling", 400, "Rate exceeded"},
		{Fault{Kind: FaultThrottleConcurrent}, tagging.Service(), "ThrottledException", 400, "Rate exceeded"},
		{Fault{Kind: FaultUnavailable}, tagging.Service(), "InternalServiceException", 500, "The request could not be completed because of an internal error. Try again later."},
		{Fault{Kind: FaultConcurrentModification}, organizations.Service(), "ConcurrentModificationException", 400, "AWS Organizations can't complete your request because it conflicts with another attempt to modify the same entity. Try again later."},
		{Fault{Kind: FaultFinalizing}, organizations.Service(), "FinalizingOrganizationException", 400, "AWS Organizations could not finalize the creation of your organization. Try again later. If this persists, contact AWS customer support."},
		{Fault{Kind: FaultUnavailable}, organizations.Service(), "ServiceException", 500, "AWS Organizations can't complete your request because of an internal service error. Try again later."},
		{Fault{Kind: FaultError, Code: "AccountNotFoundException", Message: "Gone."}, organizations.Service(), "AccountNotFoundException", 400, "Gone."},
	} {
		test.fault.Operation = "*"
		err := profile(t, test.fault).call(test.service, "ListRoots")
		var answer api.Error
		if !errors.As(err, &answer) {
			t.Errorf("%s: %v", test.fault.Kind, err)
			continue
		}
		if answer.ErrorCode() != test.code || answer.HTTPStatus() != test.status || answer.ErrorMessage() != test.message {
			t.Errorf("%s of %s: %d %v", test.fault.Kind, test.service.Name, answer.HTTPStatus(), answer)
		}
	}
	if err := profile(t, Fault{Operation: "*", Kind: FaultLate, Delay: 1}).call(organizations.Service(), "CreateAccount"); err != nil {
		t.Errorf("a fault of background work strikes the call: %v", err)
	}
}

func TestFaultsStrikeByNameAndCount(t *testing.T) {
	f := profile(t,
		Fault{Operation: "Create*", Kind: FaultError, Code: "First", Count: 2},
		Fault{Operation: "CreateAccount", Kind: FaultError, Code: "Second", Count: 1},
	)
	for i, want := range []struct{ operation, code string }{
		{"ListRoots", ""}, {"CreatePolicy", "First"}, {"CreateAccount", "First"}, {"CreatePolicy", ""}, {"CreateAccount", "Second"}, {"CreateAccount", ""},
	} {
		got := ""
		if fault, struck := f.strikeOnce(want.operation, FaultError); struck {
			got = fault.Code
		}
		if got != want.code {
			t.Errorf("call %d, %s: struck by %q, want %q", i, want.operation, got, want.code)
		}
	}
}

func TestFaultsRepeatWithTheirSeed(t *testing.T) {
	struck := func(seed uint64) (pattern string, n int) {
		rate := 0.3
		f := profile(t, Fault{Operation: "*", Kind: FaultThrottle, Rate: &rate, Seed: seed})
		for range 1000 {
			if _, hit := f.strikeOnce("ListRoots", FaultThrottle); hit {
				pattern += "x"
				n++
			} else {
				pattern += "."
			}
		}
		return pattern, n
	}
	first, n := struck(7)
	again, _ := struck(7)
	other, _ := struck(8)
	if first != again {
		t.Error("the same seed strikes other calls")
	}
	if first == other {
		t.Error("another seed strikes the same calls")
	}
	if n < 250 || n > 350 {
		t.Errorf("a rate of 0.3 strikes %d of 1000 calls", n)
	}
	never, always := 0.0, 1.0
	if _, hit := profile(t, Fault{Operation: "*", Kind: FaultThrottle, Rate: &never}).strikeOnce("X", FaultThrottle); hit {
		t.Error("a rate of 0 strikes")
	}
	if _, hit := profile(t, Fault{Operation: "*", Kind: FaultThrottle, Rate: &always}).strikeOnce("X", FaultThrottle); !hit {
		t.Error("a rate of 1 does not strike")
	}
}

func TestFaultsOfBackgroundWork(t *testing.T) {
	f := profile(t,
		Fault{Operation: "CreateAccount", Kind: FaultLate, Delay: Duration(time.Hour)},
		Fault{Operation: "CreateAccount", Kind: FaultFail, Reason: "INVALID_ADDRESS", Count: 1},
		Fault{Operation: "CreateAccount", Kind: FaultThrottle},
		Fault{Operation: "CloseAccount", Kind: FaultOscillate},
		Fault{Operation: "*Organization", Kind: FaultFail},
	)
	for _, test := range []struct {
		operation string
		want      BackgroundFault
	}{
		{"CreateAccount", BackgroundFault{Delay: time.Hour, Failure: "INVALID_ADDRESS"}},
		{"CreateAccount", BackgroundFault{Delay: time.Hour}},
		{"CloseAccount", BackgroundFault{Returns: 1}},
		{"XOrganization", BackgroundFault{Failure: "INTERNAL_FAILURE"}},
		{"EnablePolicyType", BackgroundFault{}},
	} {
		if got := f.Background(test.operation); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.operation, got, test.want)
		}
	}
}

func TestSlowFaultsWait(t *testing.T) {
	f := profile(t, Fault{Operation: "*", Kind: FaultSlow, Delay: Duration(time.Millisecond)})
	if err := f.hold(t.Context(), "ListRoots"); err != nil {
		t.Errorf("after the delay: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	f = profile(t, Fault{Operation: "*", Kind: FaultSlow, Delay: Duration(maxSlow)})
	if err := f.hold(gone, "ListRoots"); !errors.Is(err, context.Canceled) {
		t.Errorf("when the client has gone: %v", err)
	}
}
