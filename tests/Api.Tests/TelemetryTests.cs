using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Tests;

/// <summary>Tests metrics, traces, request ids and logs.</summary>
public sealed class TelemetryTests
{
    private static readonly byte[] Sample =
        GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps);
    private static readonly byte[] Blank =
        GrayPng.Encode(new byte[RowSequence.Length], RowSequence.Features, RowSequence.TimeSteps);
    private static readonly byte[] Text = "This is no picture."u8.ToArray();

    [Fact]
    public async Task Counters_add_up_with_the_requests_that_were_sent()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        PrometheusText before = await ScrapeAsync(service);

        await Parallel.ForAsync(0, 200, async (_, _) => await service.Client.PredictAsync(Requests.Raw(Sample)));
        await service.Client.PredictAsync(Requests.Raw(Sample), "?model=seed&explain=true");
        for (int i = 0; i < 5; i++)
        {
            using HttpResponseMessage refused = await service.Client.PostAsync("/predict", Requests.Raw(Blank));
        }

        using HttpResponseMessage batch =
            await service.Client.PostAsync("/predict/batch", Requests.Form("files", Sample, Text, Sample, Blank));
        using HttpResponseMessage inference = await service.Client.PostAsync("/v2/models/digits/infer", Infer(Sample));
        using HttpResponseMessage nowhere = await service.Client.GetAsync("/nowhere");
        PrometheusText after = await ScrapeAsync(service);

        double Added(string name, params string[] labels) => after.Sum(name, labels) - before.Sum(name, labels);
        Added("mnist_lstm_predictions_total", "model=\"digits\"", "digit=\"3\"", "outcome=\"digit\"").ShouldBe(203);
        Added("mnist_lstm_predictions_total", "model=\"seed\"", "digit=\"3\"").ShouldBe(1);
        Added("mnist_lstm_predictions_total").ShouldBe(204);
        Added("mnist_lstm_refusals_total", "error_type=\"no-ink\"").ShouldBe(6);
        Added("mnist_lstm_refusals_total", "error_type=\"not-an-image\"").ShouldBe(1);
        Added("mnist_lstm_refusals_total", "error_type=\"not-found\"").ShouldBe(1);
        Added("mnist_lstm_refusals_total").ShouldBe(8);
        Added("mnist_lstm_batch_size_sum").ShouldBe(200 + RowSequence.TimeSteps + 2 + 1);
        Added("mnist_lstm_step_duration_seconds_count", "step=\"decode\"").ShouldBe(200 + 1 + 5 + 3 + 1);
        Added("mnist_lstm_step_duration_seconds_count", "step=\"normalize\"").ShouldBe(200 + 1 + 5 + 3 + 1);
        Added("mnist_lstm_step_duration_seconds_count", "step=\"queue\"").ShouldBe(200 + 2 + 1 + 1);
        Added("mnist_lstm_step_duration_seconds_count", "step=\"infer\"")
            .ShouldBe(Added("mnist_lstm_batch_size_count"));
        Added("http_server_request_duration_seconds_count", "http_route=\"/predict\"",
            "http_response_status_code=\"200\"").ShouldBe(201);
        Added("http_server_request_duration_seconds_count", "http_route=\"/predict\"",
            "http_response_status_code=\"422\"").ShouldBe(5);
        after.Sum("mnist_lstm_model_info", "model=\"digits\"", "default=\"true\"").ShouldBe(1);
        after.Has("dotnet_process_memory_working_set_bytes").ShouldBeTrue();
    }

    [Fact]
    public async Task Gauges_are_back_at_zero_after_clients_hung_up()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync("--workers", "1");
        byte[] head = Encoding.ASCII.GetBytes(
            $"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: "
            + $"{Sample.Length}\r\n\r\n");
        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, stop) =>
        {
            using var client = new TcpClient { LingerState = new LingerOption(enable: true, seconds: 0) };
            await client.ConnectAsync(service.Address.Host, service.Address.Port, stop);
            byte[] body = i % 3 == 0 ? Sample[..(Sample.Length / 2)] : Sample;
            await client.GetStream().WriteAsync((byte[])[.. head, .. body], stop);
        });

        using var patience = new CancellationTokenSource(ServiceProcess.Patience);
        PrometheusText metrics;
        do
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
            metrics = await ScrapeAsync(service);
        }
        while (metrics.Sum("http_server_active_requests", "http_request_method=\"POST\"") > 0
            || metrics.Sum("mnist_lstm_queue_length") + metrics.Sum("mnist_lstm_queue_running") > 0
            || metrics.Sum("kestrel_active_connections") > 1);

        metrics.Has("http_server_active_requests", "http_request_method=\"POST\"").ShouldBeTrue();
        metrics.Has("mnist_lstm_queue_length", "model=\"seed\"").ShouldBeTrue();
        metrics.Sum("kestrel_active_connections").ShouldBe(1);
    }

    [Fact]
    public async Task Metrics_can_be_switched_off()
    {
        await using RunningService service = await RunningService.StartAsync("--metrics", "false");

        using HttpResponseMessage response = await service.Client.GetAsync(TelemetryApi.MetricsPath);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Traces_and_metrics_go_to_the_endpoint_of_the_standard_variables()
    {
        const string TraceId = "0af7651916cd43dd8448eb211c80319c";
        var received = new ConcurrentDictionary<string, string>();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        await using WebApplication collector = builder.Build();
        collector.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.AddOrUpdate(signal, _ => Encoding.Latin1.GetString(body.ToArray()), (_, sent) =>
                sent + Encoding.Latin1.GetString(body.ToArray()));
        });
        await collector.StartAsync();
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            [],
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Urls.First()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "50"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "100"),
            ("OTEL_SERVICE_NAME", "digits-of-mine"));
        HttpContent content = Requests.Raw(Sample);
        content.Headers.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");

        await service.Client.PredictAsync(content);

        string trace = Encoding.Latin1.GetString(Convert.FromHexString(TraceId));
        await ServiceProcess.EventuallyAsync(() =>
            received.GetValueOrDefault("traces", "").Contains(trace, StringComparison.Ordinal)
            && received.GetValueOrDefault("metrics", "").Contains("mnist_lstm.predictions", StringComparison.Ordinal));
        foreach (
            string said in (string[])["http.route", "POST /predict", "mnist_lstm.infer.duration", "digits-of-mine"])
        {
            received["traces"].Contains(said, StringComparison.Ordinal).ShouldBeTrue(said);
        }
    }

    [Theory]
    [InlineData("X-Request-Id", "order-4711:7", "order-4711:7")]
    [InlineData("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "0af7651916cd43dd8448eb211c80319c")]
    public async Task A_problem_names_the_request_as_its_client_does(string header, string value, string id)
    {
        await using RunningService service = await RunningService.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/predict") { Content = Requests.Raw(Blank) };
        request.Headers.Add(header, value);

        using HttpResponseMessage response = await service.Client.SendAsync(request);

        (await response.ReadJsonAsync()).GetProperty("requestId").GetString().ShouldBe(id);
        response.Headers.GetValues(RequestId.Header).ShouldBe([id]);
    }

    [Fact]
    public async Task A_client_s_request_id_is_returned_with_any_answer_if_it_is_safe()
    {
        await using RunningService service = await RunningService.StartAsync();
        using var sane =
            new HttpRequestMessage(HttpMethod.Get, "/health/live") { Headers = { { RequestId.Header, "abc" } } };
        using var insane = new HttpRequestMessage(HttpMethod.Get, "/nowhere");
        insane.Headers.TryAddWithoutValidation(RequestId.Header, "<script>alert(1)</script>");

        using HttpResponseMessage answer = await service.Client.SendAsync(sane);
        using HttpResponseMessage refusal = await service.Client.SendAsync(insane);

        answer.Headers.GetValues(RequestId.Header).ShouldBe(["abc"]);
        string id = (await refusal.ReadJsonAsync()).GetProperty("requestId").GetString().ShouldNotBeNull();
        id.ShouldNotContain("script");
        id.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task The_log_can_be_one_JSON_object_a_line_without_what_clients_sent()
    {
        await using ServiceProcess service =
            await ServiceProcess.StartAsync("--log-format", "json", "--shutdown-grace", "0s");
        await service.Client.PredictAsync(Requests.Raw(Sample));
        using HttpResponseMessage refused = await service.Client.PostAsync("/predict", Requests.Raw(Text));

        service.Terminate();
        await service.ExitAsync();
        await service.SaysAsync("Stopped");

        string[] lines = service.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        JsonElement[] events = [.. lines.Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
        events.ShouldContain(log => log.GetProperty("EventId").GetInt32() == 12);
        service.Output.ShouldNotContain("This is no picture");
    }

    /// <summary>One image file as the whole body.</summary>
    private static HttpContent Infer(byte[] file)
    {
        HttpContent content = Requests.Raw(file, "application/octet-stream");
        content.Headers.Add("Inference-Header-Content-Length", "0");
        return content;
    }

    private static async Task<PrometheusText> ScrapeAsync(ServiceProcess service) =>
        PrometheusText.Parse(await service.Client.GetStringAsync(TelemetryApi.MetricsPath));
}
