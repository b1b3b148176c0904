// go_client does the four documented calls on a facade with the client that oapi-codegen
// has made of its document, for a test: it prints what each was answered, as JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"crontask.dev/tests/go_client/crontask"
)

// What the test gives: the facade, the namespace, and a task that is there, by its id.
type story struct {
	ctx       context.Context
	client    *crontask.ClientWithResponses
	namespace string
}

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(url, namespace, there string) error {
	client, err := crontask.NewClientWithResponses(url)
	if err != nil {
		return err
	}
	s := story{context.Background(), client, namespace}
	added, err := s.add()
	if err != nil {
		return fmt.Errorf("add_task: %w", err)
	}
	updated, err := s.update(added.TaskResult[0].TaskId)
	if err != nil {
		return fmt.Errorf("update_task: %w", err)
	}
	var ref crontask.TaskRef
	ref.TaskId = new(crontask.TaskRef_TaskId)
	if err := ref.TaskId.FromTaskRefTaskId1(there); err != nil {
		return err
	}
	asked, err := s.runAgain(ref)
	if err != nil {
		return fmt.Errorf("run_again_task: %w", err)
	}
	logs, err := s.query(ref)
	if err != nil {
		return fmt.Errorf("query_task_status: %w", err)
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"added": added.TaskResult, "updated": updated.TaskResult,
		"asked": asked.TaskResult, "log": logs.LogList,
	})
}

func (s story) add() (crontask.TaskResults, error) {
	bodyType, startTime, retries := crontask.AddItem_BodyType{}, crontask.AddItem_StartTime{}, "2 4"
	if err := bodyType.FromAddItemBodyType0(crontask.AddItemBodyType0N2); err != nil {
		return crontask.TaskResults{}, err
	}
	if err := startTime.FromAddItemStartTime0(2000000001); err != nil {
		return crontask.TaskResults{}, err
	}
	response, err := s.client.AddTaskWithResponse(s.ctx,
		&crontask.AddTaskParams{XCronTaskNamespace: &s.namespace},
		crontask.AddRequest{TaskList: []crontask.AddItem{{
			Name:      "定时改价",
			Enable:    crontask.AddItemEnableN1,
			Module:    2,
			Type:      crontask.AddItemTypeN1,
			StartTime: startTime,
			Url:       "http://127.0.0.1:1/aa",
			Method:    "post",
			BodyType:  &bodyType,
			RedoParam: &retries,
		}}})
	if err != nil {
		return crontask.TaskResults{}, err
	}
	if response.JSON200 == nil {
		return crontask.TaskResults{}, fmt.Errorf("%s: %s", response.Status(), response.Body)
	}
	return response.JSON200.Data.AsTaskResults()
}

func (s story) update(id string) (crontask.TaskResults, error) {
	item := crontask.UpdateItem{
		TaskId: new(crontask.UpdateItem_TaskId), StartTime: new(crontask.UpdateItem_StartTime),
	}
	if err := item.TaskId.FromUpdateItemTaskId1(id); err != nil {
		return crontask.TaskResults{}, err
	}
	if err := item.StartTime.FromUpdateItemStartTime0(2000000063); err != nil {
		return crontask.TaskResults{}, err
	}
	response, err := s.client.UpdateTaskWithResponse(s.ctx,
		&crontask.UpdateTaskParams{XCronTaskNamespace: &s.namespace},
		crontask.UpdateRequest{TaskList: []crontask.UpdateItem{item}})
	if err != nil {
		return crontask.TaskResults{}, err
	}
	if response.JSON200 == nil {
		return crontask.TaskResults{}, fmt.Errorf("%s: %s", response.Status(), response.Body)
	}
	return response.JSON200.Data.AsTaskResults()
}

func (s story) runAgain(task crontask.TaskRef) (crontask.RunResults, error) {
	response, err := s.client.RunAgainTaskWithResponse(s.ctx,
		&crontask.RunAgainTaskParams{XCronTaskNamespace: &s.namespace},
		crontask.RefRequest{TaskList: []crontask.TaskRef{task}})
	if err != nil {
		return crontask.RunResults{}, err
	}
	if response.JSON200 == nil {
		return crontask.RunResults{}, fmt.Errorf("%s: %s", response.Status(), response.Body)
	}
	return response.JSON200.Data.AsRunResults()
}

func (s story) query(task crontask.TaskRef) (crontask.Logs, error) {
	response, err := s.client.QueryTaskStatusWithResponse(s.ctx,
		&crontask.QueryTaskStatusParams{XCronTaskNamespace: &s.namespace},
		crontask.QueryRequest{TaskList: []crontask.TaskRef{task}})
	if err != nil {
		return crontask.Logs{}, err
	}
	if response.JSON200 == nil {
		return crontask.Logs{}, fmt.Errorf("%s: %s", response.Status(), response.Body)
	}
	return response.JSON200.Data.AsLogs()
}
