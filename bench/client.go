package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// target begins the X-Amz-Target of the operations of AWS Organizations.
const target = "AWSOrganizationsV20161128."

// endpoint is an address that answers AWS's requests, and the credentials for them.
type endpoint struct {
	address     string
	credentials aws.Credentials
}

// request returns a signed request to AWS Organizations as the bytes that go over a connection. It is good for five
// minutes.
func (e endpoint) request(operation, body string) ([]byte, error) {
	return e.signed("organizations", body, http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {target + operation}})
}

// form is request for the services that take forms. The parameters begin with Action and Version.
func (e endpoint) form(service string, parameters ...string) ([]byte, error) {
	values := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		values.Set(parameters[i], parameters[i+1])
	}
	return e.signed(service, values.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
}

func (e endpoint) signed(service, body string, header http.Header) ([]byte, error) {
	r, err := http.NewRequest(http.MethodPost, "http://"+e.address+"/", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header = header
	r.Header.Set("User-Agent", "espalier-bench")
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(context.Background(), e.credentials, r, hex.EncodeToString(sum[:]), service, "us-east-1", time.Now()); err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	err = r.Write(&raw)
	return raw.Bytes(), err
}

// call sends one request on a connection of its own and returns the answer, whatever its status.
func (e endpoint) call(operation, body string) (answer []byte, status int, err error) {
	request, err := e.request(operation, body)
	if err != nil {
		return nil, 0, err
	}
	return e.send(request)
}

// send sends one request on a connection of its own.
func (e endpoint) send(request []byte) (answer []byte, status int, err error) {
	c, err := dial(e.address)
	if err != nil {
		return nil, 0, err
	}
	defer c.close()
	var kept bytes.Buffer
	status, err = c.exchange(request, &kept)
	return kept.Bytes(), status, err
}

// mustCall is call for an operation that succeeds.
func (e endpoint) mustCall(operation, body string) ([]byte, error) {
	answer, status, err := e.call(operation, body)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s: status %d: %s", operation, status, answer)
	}
	return answer, err
}

// connection is a kept-alive HTTP/1.1 connection. It knows as much of HTTP as these benchmarks need, so that the load
// leaves the processors to the servers.
type connection struct {
	net  net.Conn
	from *bufio.Reader
}

func dial(address string) (*connection, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &connection{c, bufio.NewReaderSize(c, 16<<10)}, nil
}

func (c *connection) close() { _ = c.net.Close() }

// exchange sends a request, copies the body of the answer and returns its status.
func (c *connection) exchange(request []byte, body io.Writer) (status int, err error) {
	if _, err := c.net.Write(request); err != nil {
		return 0, err
	}
	line, err := c.from.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return 0, fmt.Errorf("not an answer: %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, err
	}
	length, err := c.contentLength()
	if err != nil {
		return 0, err
	}
	_, err = io.CopyN(body, c.from, length)
	return status, err
}

// contentLength reads the rest of the header.
func (c *connection) contentLength() (int64, error) {
	length := int64(-1)
	for {
		line, err := c.from.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			break
		}
		const name = "Content-Length:"
		if len(line) > len(name) && strings.EqualFold(string(line[:len(name)]), name) {
			if length, err = strconv.ParseInt(string(bytes.TrimSpace(line[len(name):])), 10, 64); err != nil {
				return 0, err
			}
		}
	}
	if length < 0 {
		return 0, fmt.Errorf("an answer without Content-Length")
	}
	return length, nil
}
