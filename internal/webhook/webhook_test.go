package webhook_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/webhook"
)

// The secret, id, time and body of the specification's reference implementations.
const (
	secret  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	id      = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	sent    = 1614265330
	message = `{"test": 2432232314}`
)

func noon() time.Time { return time.Unix(sent, 0) }

func endpoint(t *testing.T, address string) *webhook.Endpoint {
	t.Helper()
	e, err := webhook.New(address, identity.NewSecret(secret), time.Minute, noon, http.DefaultTransport)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSend(t *testing.T) {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != message || r.Method != http.MethodPost {
			t.Errorf("%s %s (%v)", r.Method, body, err)
		}
		for name, want := range map[string]string{
			"webhook-id": id, "webhook-timestamp": "1614265330", "content-type": "application/json",
			"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, "working")
	}))
	defer receiver.Close()
	answer, err := endpoint(t, receiver.URL).Send(t.Context(), webhook.Message{ID: id, ContentType: "application/json", Body: []byte(message)})
	if err != nil || answer.Status != http.StatusAccepted || answer.RetryAfter != 7*time.Second || string(answer.Body) != "working" {
		t.Errorf("%+v, %v", answer, err)
	}
}

func TestSendRefused(t *testing.T) {
	for status, final := range map[int]bool{302: false, 400: true, 404: true, 408: false, 410: true, 425: false, 429: false, 500: false, 503: false} {
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			if r.URL.Path == "/elsewhere" {
				t.Error("a redirect was followed")
			}
			w.WriteHeader(status)
		}))
		_, err := endpoint(t, receiver.URL).Send(t.Context(), webhook.Message{ID: id})
		refused, ok := errors.AsType[*webhook.RefusedError](err)
		if !ok || refused.Status != status || refused.Final() != final {
			t.Errorf("%d: %v", status, err)
		}
		receiver.Close()
	}
}

// Neither the address nor the secret is in what goes wrong.
func TestErrorsKeepSecrets(t *testing.T) {
	receiver := httptest.NewServer(http.NotFoundHandler())
	receiver.Close()
	e := endpoint(t, receiver.URL+"/hidden?token=hidden")
	_, err := e.Send(t.Context(), webhook.Message{ID: id})
	if err == nil || strings.Contains(err.Error(), "hidden") {
		t.Errorf("the error is %v", err)
	}
	if text := fmt.Sprintf("%v %+v %#v", e, e, *e); strings.Contains(text, "1\xf2\x90\xf6") || strings.Contains(text, secret) {
		t.Errorf("an endpoint prints as %s", text)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, in := range map[string]struct{ address, secret string }{
		"no scheme":      {"receiver.example.com", secret},
		"another scheme": {"ftp://receiver.example.com", secret},
		"a user":         {"https://hidden:hidden@receiver.example.com", secret},
		"not a URL":      {"https://hidden\x7f", secret},
		"no prefix":      {"https://receiver.example.com", strings.TrimPrefix(secret, "whsec_")},
		"a short secret": {"https://receiver.example.com", "whsec_aGlkZGVu"},
		"no base64":      {"https://receiver.example.com", "whsec_hidden!hidden!hidden!hidden!hidden!"},
		"no secret":      {"https://receiver.example.com", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := webhook.New(in.address, identity.NewSecret(in.secret), time.Minute, noon, http.DefaultTransport)
			if err == nil || strings.Contains(err.Error(), "hidden") {
				t.Errorf("the error is %v", err)
			}
		})
	}
}
