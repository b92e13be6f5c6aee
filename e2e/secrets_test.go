package e2e_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// secrets are what the clients of a server have shown it, and nobody else may find.
type secrets struct {
	mu    sync.Mutex
	known map[string]bool
}

// add adds secrets; "" is none.
func (s *secrets) add(all ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]bool{}
	}
	for _, secret := range all {
		if secret != "" {
			s.known[secret] = true
		}
	}
}

// in tells whether a text shows a secret.
func (s *secrets) in(text []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for secret := range s.known {
		if bytes.Contains(text, []byte(secret)) {
			return true
		}
	}
	return false
}

// keepsSecrets fails the test if a secret that a client used stands in the database, its write-ahead log, the trail
// (which is in both), the log or the metrics. The root user's key has a file of its own, which is for its owner.
func (s *server) keepsSecrets() {
	s.t.Helper()
	places := map[string][]byte{"the log": []byte(s.log.String())}
	if response, err := http.Get(s.endpoint() + "/metrics"); err == nil {
		places["the metrics"], _ = io.ReadAll(response.Body)
		response.Body.Close()
	}
	files, err := filepath.Glob(filepath.Join(s.dataDir, "*.db*"))
	if err != nil || len(files) == 0 && !slices.Contains(s.args, "--database-url") {
		s.t.Fatalf("%d files of the database, %v", len(files), err)
	}
	for _, file := range files {
		if places[file], err = os.ReadFile(file); err != nil {
			s.t.Error(err)
		}
	}
	for place, text := range places {
		if s.secrets.in(text) {
			s.t.Errorf("%s shows a secret", place)
		}
	}
}
