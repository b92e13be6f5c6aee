package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
)

// together is how many decisions are asked for at once.
const together = 100

// asker asks a server for decisions with a bearer token.
type asker struct {
	*contender
	token string
}

// authzen compares decisions that are asked for over HTTP with reads, and those that are asked for one by one with those
// that are asked for together.
func (b *bench) authzen() error {
	const name = "authzen"
	ids, err := b.seed(name, smallAccounts, true)
	if err != nil {
		return err
	}
	s, err := b.run(name)
	if err != nil {
		return err
	}
	defer s.stop()
	c := &contender{name: name, process: s.process, endpoint: s.endpoint, ids: ids}
	a, err := b.asker(c, s.data)
	if err != nil {
		return err
	}
	read := c.repeated("DescribeAccount", func(connection int) string { return describe(c.ids[connection*len(c.ids)/clients]) })
	rates, all, err := b.compare(c, read, a.repeated("evaluation", a.one), a.repeated("evaluations", a.many))
	if err != nil {
		return err
	}
	detail := func(i int) string {
		return fmt.Sprintf("%.0f/s (p50 %v)", median(rates[i]), short(median(all[i].latencies)))
	}
	b.group(fmt.Sprintf("Decisions asked for at %d connections", clients), []figure{
		{name: "one, against DescribeAccount", value: ratio(rates[1], rates[0]), target: 0.8, atLeast: true, unit: "×", detail: detail(1) + "   DescribeAccount " + detail(0)},
		{name: fmt.Sprintf("%d at once, against one", together), value: ratio(rates[1], rates[2]), target: 5, unit: "×", detail: detail(2)},
	})
	return nil
}

// compare lets sources of requests take turns, after one round that does not count, and returns the rates of each
// source by round, and everything that was measured.
func (b *bench) compare(c *contender, sources ...func(int) (func() ([]byte, error), error)) ([][]float64, []measurement, error) {
	rates, all := make([][]float64, len(sources)), make([]measurement, len(sources))
	const turns = 3 // in the time of one: the machine's speed changes within seconds
	for round := range turns*b.rounds + 1 {
		for i, source := range sources {
			ctx, cancel := context.WithTimeout(context.Background(), b.period/turns)
			m, err := c.load(ctx, clients, source)
			cancel()
			if err != nil {
				return nil, nil, err
			}
			if round > 0 {
				rates[i] = append(rates[i], m.rate())
				all[i].add(m)
			}
		}
	}
	return rates, all, nil
}

// asker puts guardrails above the accounts of a server, and makes a token to ask it with.
func (b *bench) asker(c *contender, data string) (*asker, error) {
	var roots struct{ Roots []struct{ Id, Arn string } }
	if err := c.tell(&roots, "ListRoots", `{}`); err != nil {
		return nil, err
	}
	root := roots.Roots[0]
	if err := c.tell(nil, "EnablePolicyType", `{"RootId":"`+root.Id+`","PolicyType":"SERVICE_CONTROL_POLICY"}`); err != nil {
		return nil, err
	}
	for i := range 4 {
		var made struct {
			Policy struct{ PolicySummary struct{ Id string } }
		}
		content, err := json.Marshal(guardrails(i))
		if err != nil {
			return nil, err
		}
		if err := c.tell(&made, "CreatePolicy", fmt.Sprintf(`{"Type":"SERVICE_CONTROL_POLICY","Name":"guardrails%d","Description":"","Content":%s}`, i, content)); err != nil {
			return nil, err
		}
		if err := c.tell(nil, "AttachPolicy", `{"PolicyId":"`+made.Policy.PolicySummary.Id+`","TargetId":"`+root.Id+`"}`); err != nil {
			return nil, err
		}
	}
	owner := strings.Split(root.Arn, ":")[4]
	out, err := exec.Command(b.program, "token", "create", "--data-dir", data, "--account", owner, "--format", "json").Output()
	if err != nil {
		return nil, fmt.Errorf("espalier token create: %w", err)
	}
	var made struct{ Token string }
	a := &asker{contender: c}
	err = json.Unmarshal(out, &made)
	a.token = made.Token
	return a, err
}

// tell calls an operation that succeeds and reads its answer, unless out is nil.
func (e endpoint) tell(out any, operation, body string) error {
	answer, err := e.mustCall(operation, body)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

// guardrails is a policy of five statements as they are in the wild.
func guardrails(n int) string {
	statement := func(i int) string {
		return fmt.Sprintf(`{"Sid":"Guard%d","Effect":"Deny","NotAction":["iam:*","sts:*","s3:*","organizations:*"],"Resource":"*",
			"Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","eu-west-%d"]},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Break%d*"}}},
			{"Effect":"Deny","Action":["s3:DeleteBucket%d","s3:PutBucketPolicy"],"Resource":"arn:aws:s3:::audit-*"}`, i, i, i, i)
	}
	return `{"Version":"2012-10-17","Statement":[` + statement(n) + `,` + statement(n+100) + `]}`
}

// repeated is a source whose connections each send one request again and again.
func (a *asker) repeated(endpoint string, body func(connection int) string) func(int) (func() ([]byte, error), error) {
	return func(connection int) (func() ([]byte, error), error) {
		text := body(connection)
		request := fmt.Appendf(nil, "POST /access/v1/%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			endpoint, a.address, a.token, len(text), text)
		return func() ([]byte, error) { return request, nil }, nil
	}
}

// subject is a member of a question: the root user of an account.
func (a *asker) subject(connection int) string {
	return `"subject":{"type":"user","id":"arn:aws:iam::` + a.ids[connection*len(a.ids)/clients] + `:root"},"context":{"aws:RequestedRegion":"eu-central-1"}`
}

// one asks for one decision.
func (a *asker) one(connection int) string {
	return `{` + a.subject(connection) + `,"action":{"name":"s3:GetObject"},"resource":{"type":"object","id":"arn:aws:s3:::bucket/key"}}`
}

// many asks for decisions together, about different actions and resources.
func (a *asker) many(connection int) string {
	questions := make([]string, together)
	for i := range questions {
		questions[i] = fmt.Sprintf(`{"action":{"name":"s3:GetObject%d"},"resource":{"type":"object","id":"arn:aws:s3:::bucket/key%d"}}`, i%7, i)
	}
	return `{` + a.subject(connection) + `,"evaluations":[` + strings.Join(questions, ",") + `]}`
}
