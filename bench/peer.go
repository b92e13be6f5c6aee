package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// task is what the peer is told to do.
type task struct {
	AccessKeyID     string
	SecretAccessKey string
	Answers         map[string][]byte // by X-Amz-Target
}

// peer is what Espalier is compared with: a net/http handler that verifies Signature Version 4 and answers bodies that
// it was given. It does nothing else.
type peer struct {
	task
	keys sync.Map // scope → signing key
}

// servePeer is the peer's process. It reads its task, says where it listens and answers until it is killed.
func servePeer() error {
	p := new(peer)
	if err := json.NewDecoder(os.Stdin).Decode(&p.task); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, p)
}

// startPeer starts the peer in a process of its own.
func startPeer(t task) (*process, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	text, err := json.Marshal(t)
	if err != nil {
		return nil, "", err
	}
	command := exec.Command(self, "-peer")
	command.Stdin, command.Stderr = bytes.NewReader(text), os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := command.Start(); err != nil {
		return nil, "", err
	}
	var address string
	if _, err := fmt.Fscanln(out, &address); err != nil {
		return nil, "", fmt.Errorf("the peer does not start: %w", err)
	}
	return &process{command}, address, nil
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = p.verify(r, body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	answer := p.Answers[r.Header.Get("X-Amz-Target")]
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	_, _ = w.Write(answer)
}

// verify checks the signature in the Authorization header, its key and its date.
func (p *peer) verify(r *http.Request, body []byte) error {
	rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=")
	if !ok {
		return errors.New("no credential")
	}
	credential, rest, _ := strings.Cut(rest, ", SignedHeaders=")
	headers, signature, _ := strings.Cut(rest, ", Signature=")
	keyID, scope, _ := strings.Cut(credential, "/")
	date := r.Header.Get("X-Amz-Date")
	signed, err := time.Parse("20060102T150405Z", date)
	if err != nil || time.Since(signed).Abs() > 5*time.Minute || !strings.HasPrefix(scope, date[:8]) || keyID != p.AccessKeyID {
		return errors.New("bad credential")
	}
	sum := sha256.Sum256(canonical(r, headers, body))
	wanted := mac(p.signingKey(scope), "AWS4-HMAC-SHA256\n"+date+"\n"+scope+"\n"+hex.EncodeToString(sum[:]))
	if got, err := hex.DecodeString(signature); err != nil || !hmac.Equal(got, wanted) {
		return errors.New("bad signature")
	}
	return nil
}

// canonical is the canonical request. Paths and queries are taken as they are: the load has plain ones.
func canonical(r *http.Request, headers string, body []byte) []byte {
	b := make([]byte, 0, 512)
	b = append(b, r.Method+"\n"+r.URL.EscapedPath()+"\n"+r.URL.RawQuery+"\n"...)
	for name := range strings.SplitSeq(headers, ";") {
		b = append(b, name+":"...)
		switch name {
		case "host":
			b = append(b, r.Host...)
		case "content-length":
			b = strconv.AppendInt(b, r.ContentLength, 10)
		default:
			b = append(b, strings.TrimSpace(r.Header.Get(name))...)
		}
		b = append(b, '\n')
	}
	sum := sha256.Sum256(body)
	b = append(b, "\n"+headers+"\n"...)
	return hex.AppendEncode(b, sum[:])
}

// signingKey returns the key of a scope, date/region/service/aws4_request, which is derived once.
func (p *peer) signingKey(scope string) []byte {
	if key, ok := p.keys.Load(scope); ok {
		return key.([]byte)
	}
	key := []byte("AWS4" + p.SecretAccessKey)
	for part := range strings.SplitSeq(scope, "/") {
		key = mac(key, part)
	}
	p.keys.Store(scope, key)
	return key
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	io.WriteString(h, text)
	return h.Sum(nil)
}
