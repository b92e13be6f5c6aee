package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// envCommand prints what AWS clients need to use the server.
type envCommand struct {
	DataDir  string `help:"Data directory of the server (default: ./espalier-data)." type:"path" placeholder:"DIR"`
	Endpoint string `help:"URL of the server (default: where it listens, or http://127.0.0.1:4566)." placeholder:"URL"`
	Region   string `help:"Region to sign requests for; the server takes any." default:"us-east-1"`
	Format   string `enum:"shell,profile,json" default:"shell" help:"How to print: ${enum}. A profile goes into ~/.aws/config."`
	Profile  string `help:"Name of the profile." default:"espalier"`
}

// defaultEndpoint is where a server listens that was told nothing else.
const defaultEndpoint = "http://127.0.0.1:4566"

// Run prints the variables, the profile or the JSON.
func (c *envCommand) Run(t terminal) error {
	directory := databaseFlags{DataDir: c.DataDir}.directory()
	found, err := readCredentials(directory)
	if err != nil {
		return err
	}
	endpoint := c.Endpoint
	if endpoint == "" {
		endpoint = runningEndpoint(directory)
	}
	settings := []setting{
		{"AWS_ENDPOINT_URL", "endpoint_url", endpoint},
		{"AWS_ACCESS_KEY_ID", "aws_access_key_id", found.AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", "aws_secret_access_key", found.SecretAccessKey},
		{"AWS_REGION", "region", c.Region},
		{"AWS_DEFAULT_REGION", "", c.Region}, // what the AWS CLI and boto3 read
	}
	switch c.Format {
	case "profile":
		printProfile(t.out, c.Profile, settings)
	case "json":
		return printJSON(t.out, settings)
	default:
		printShell(t.out, settings)
	}
	return nil
}

// runningEndpoint is where the server of a data directory listens, or would.
func runningEndpoint(directory string) string {
	if o, err := readOperator(directory); err == nil {
		return o.URL
	}
	return defaultEndpoint
}

// setting is one thing that a client must know: the environment variable, and the key in a profile where it has one.
type setting struct{ variable, key, value string }

func printShell(w io.Writer, settings []setting) {
	for _, s := range settings {
		fmt.Fprintf(w, "export %s=%s\n", s.variable, shellWord(s.value))
	}
	fmt.Fprintln(w, "unset AWS_SESSION_TOKEN") // one that was set before belongs to another key
}

// shellWord quotes a value for a POSIX shell where that is needed.
func shellWord(value string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=/.:,@%"
	if value != "" && strings.Trim(value, plain) == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

func printProfile(w io.Writer, name string, settings []setting) {
	fmt.Fprintf(w, "[profile %s]\n", name)
	for _, s := range settings {
		if s.key != "" {
			fmt.Fprintf(w, "%s = %s\n", s.key, s.value)
		}
	}
}

func printJSON(w io.Writer, settings []setting) error {
	values := map[string]string{}
	for _, s := range settings {
		values[s.variable] = s.value
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(values)
}
