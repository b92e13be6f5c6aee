package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/espalier-cloud/espalier/internal/server"
)

// serveCommand runs the server.
type serveCommand struct {
	databaseFlags
	Dev bool `help:"Serve test suites: state in memory, any 12-digit access key id is the root user of that account, the clock can be advanced, faults can be injected. Loopback only."`

	Listen            string `default:"127.0.0.1:4566" help:"Where to listen; port 0 is any free one."`
	MetricsListen     string `placeholder:"HOST:PORT" help:"Where else to serve /metrics, for a network of their own."`
	TLSCert           string `name:"tls-cert" type:"path" placeholder:"FILE" help:"Certificate in PEM. It is loaded again when it changes."`
	TLSKey            string `name:"tls-key" type:"path" placeholder:"FILE" help:"Key of the certificate in PEM."`
	InsecurePlaintext bool   `help:"Serve other machines without TLS, where something in front of the server encrypts."`
	MaxConnections    int    `help:"Connections open at once; 0 is any number."`

	ClockWindow time.Duration `default:"5m" help:"How far the date of a request may be from the clock."`
	Config      string        `type:"path" placeholder:"FILE" help:"JSON file of quotas, periods, delays and extra services."`

	AccountName  string `default:"management" help:"Name of the account that the first start creates."`
	AccountEmail string `placeholder:"EMAIL" help:"Its e-mail address (default: root@ID.example.com)."`

	LogFormat string     `enum:"text,json" default:"text" help:"Format of the log on standard error: ${enum}."`
	LogLevel  slog.Level `default:"info" help:"Least level of what is logged: debug, info, warn, error. Requests are info, their failures error."`

	CPUProfile string `name:"cpu-profile" hidden:"" type:"path" placeholder:"FILE" help:"Where to write a CPU profile when the server stops."`
}

// Run serves until the process is asked to end.
func (c *serveCommand) Run(t terminal) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	defer runtime.KeepAlive(newBallast())
	return profiled(c.CPUProfile, func() error { return c.serve(ctx, t) })
}

func (c *serveCommand) serve(ctx context.Context, t terminal) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	settings, err := loadConfig(c.Config)
	if err != nil {
		return err
	}
	out, err := settings.outward()
	if err != nil {
		return fmt.Errorf("configuration %s: %w", c.Config, err)
	}
	db, err := c.openDatabase(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.store.Close()) }()
	lines := newLateWriter(t.err)
	defer lines.flush()
	log := c.logger(lines)
	site := c.assemble(db, settings, out, log)
	certificate, err := c.certificate(ctx, log)
	if err != nil {
		return err
	}
	listener, err := server.Listen(ctx, server.Address{
		HostPort: c.Listen, Certificate: certificate, Plaintext: c.InsecurePlaintext, Connections: c.MaxConnections,
	})
	if err != nil {
		return err
	}
	defer listener.Close()
	if err := c.welcome(ctx, t.out, site); err != nil {
		return err
	}
	if err := site.organizations.ScheduleRetention(ctx, time.Now()); err != nil {
		return err
	}
	if c.keepsFiles() {
		if err := site.operator.at(c.localURL(listener)).write(c.directory()); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, site.operator.remove(c.directory())) }()
	}
	fmt.Fprintf(t.out, "listening on %s://%s\n", c.scheme(), listener.Addr())
	return c.run(ctx, site, listener)
}

// run serves, works off background jobs and serves metrics, until ctx is done or one of them fails.
func (c *serveCommand) run(ctx context.Context, site *site, listener net.Listener) error {
	tasks := []func(context.Context) error{
		func(ctx context.Context) error { return site.server.Serve(ctx, listener) },
		func(ctx context.Context) error { site.runner.Run(ctx); return nil },
		func(ctx context.Context) error { site.outbox.Run(ctx); return nil },
	}
	if c.MetricsListen != "" {
		metrics, err := server.Listen(ctx, server.Address{HostPort: c.MetricsListen, Plaintext: c.InsecurePlaintext})
		if err != nil {
			return err
		}
		tasks = append(tasks, func(ctx context.Context) error { return site.server.ServeMetrics(ctx, metrics) })
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failures := make([]error, len(tasks))
	var running sync.WaitGroup
	for i, task := range tasks {
		running.Go(func() {
			defer cancel() // none goes on without the others
			if err := task(ctx); !errors.Is(err, context.Canceled) {
				failures[i] = err
			}
		})
	}
	running.Wait()
	return errors.Join(failures...)
}

// check refuses flags that do not go together.
func (c *serveCommand) check() error {
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key go together")
	case c.ClockWindow <= 0:
		return errors.New("--clock-window must be more than nothing")
	case c.Dev:
		if err := server.RequireLoopback(c.Listen); err != nil {
			return fmt.Errorf("--dev trusts whoever reaches it: %w", err)
		}
	}
	return nil
}

// keepsFiles tells whether there is a data directory: a server for test suites has one only when it was given.
func (c *serveCommand) keepsFiles() bool { return !c.Dev || c.DataDir != "" }

func (c *serveCommand) openDatabase(ctx context.Context) (*database, error) {
	if !c.keepsFiles() && c.DatabaseURL == "" {
		return openInMemory(ctx)
	}
	return c.open(ctx)
}

func (c *serveCommand) logger(w *lateWriter) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(urgentHandler{slog.NewJSONHandler(w, options), w})
	}
	return slog.New(urgentHandler{slog.NewTextHandler(w, options), w})
}

// certificate loads the certificate, if there is one, and loads it again on SIGHUP.
func (c *serveCommand) certificate(ctx context.Context, log *slog.Logger) (*server.Certificate, error) {
	if c.TLSCert == "" {
		return nil, nil
	}
	certificate, err := server.LoadCertificate(c.TLSCert, c.TLSKey, time.Now, log)
	if err != nil {
		return nil, err
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	go func() {
		defer signal.Stop(hangup)
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangup:
				certificate.Reload()
			}
		}
	}()
	return certificate, nil
}

func (c *serveCommand) scheme() string {
	if c.TLSCert != "" {
		return "https"
	}
	return "http"
}

// localURL is where commands on this machine reach the server.
func (c *serveCommand) localURL(listener net.Listener) string {
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return c.scheme() + "://" + listener.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return c.scheme() + "://" + net.JoinHostPort(host, port)
}

// welcome makes the first account, and says how to use it when there is none yet that was told.
func (c *serveCommand) welcome(ctx context.Context, w io.Writer, site *site) error {
	if c.Dev {
		fmt.Fprint(w, "development server: any 12-digit access key id is the root user of that account, with any secret; the id test is account 000000000000\n")
		if !c.keepsFiles() {
			return nil
		}
		return credentials{AccountID: testAccount, AccessKeyID: testKey, SecretAccessKey: testKey}.write(c.directory())
	}
	told, err := site.firstStart(ctx, c.AccountName, c.AccountEmail, c.directory())
	if err != nil || told {
		return err
	}
	fmt.Fprintf(w, "data directory: %s\nfirst account: %s, with its root access key in %s there\n", c.directory(), site.first, credentialsFile)
	fmt.Fprintf(w, "use it: eval \"$(espalier env%s)\"\n", c.dataDirFlag())
	return nil
}

// dataDirFlag is the flag by which another command finds the data directory, where it is not the usual one.
func (c *serveCommand) dataDirFlag() string {
	if c.DataDir == "" {
		return ""
	}
	return " --data-dir " + shellWord(c.DataDir)
}
