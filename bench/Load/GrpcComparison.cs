using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Grpc.Net.Client;
using MnistLstm.Api.OpenInference.Wire;
using MnistLstm.Shared;

namespace MnistLstm.Load;

/// <summary>A batch over gRPC and over REST in binary form, one request at a time, in interleaved rounds.</summary>
internal sealed class GrpcComparison
{
    private const string InferCall = "/inference.GRPCInferenceService/ModelInfer";

    /// <summary>Requests of one protocol before it is the other's turn: a busy moment hits both.</summary>
    private const int Turn = 100;

    private readonly Target _target;
    private readonly Uri _grpcAddress;
    private readonly byte[] _restRequest;
    private readonly byte[] _restBody;
    private readonly string _jsonBytes;
    private readonly ModelInferRequest _message;

    /// <param name="target">The service.</param>
    /// <param name="grpcPort">Its port for gRPC.</param>
    /// <param name="images">In each request.</param>
    public GrpcComparison(Target target, int grpcPort, int images)
    {
        _target = target;
        _grpcAddress = new UriBuilder(target.Address) { Port = grpcPort }.Uri;
        _restRequest = Uploads.BinaryInfer(images)[0];
        string json = Uploads.BinaryInferJson(images);
        _jsonBytes = json.Length.ToString(CultureInfo.InvariantCulture);
        int rawBytes = images * RowSequence.Length * sizeof(float);
        _restBody = _restRequest[^(json.Length + rawBytes)..];
        _message = new ModelInferRequest
        {
            ModelName = "digits",
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = "rows",
                    Datatype = "FP32",
                    Shape = { images, RowSequence.TimeSteps, RowSequence.Features },
                },
            },
            Outputs = { new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "probabilities" } },
            RawInputContents = { ByteString.CopyFrom(_restBody.AsSpan(^rawBytes..)) },
        };
    }

    public async Task RunAsync(Report report, int rounds, TimeSpan duration)
    {
        report.Line();
        report.Line("## gRPC against REST's binary form");
        report.Line();
        report.Line($"One request at a time, {Turn} of each protocol in turn. CPU time is of the service.");
        report.Line(
            "Prepared bytes cost the client next to nothing. The second row includes the cost of .NET's clients.");
        report.Line("All figures are medians over rounds, so a ratio need not be the quotient of two medians.");
        report.Line();
        report.Line("| client | REST ms | gRPC ms | ratio (least to most) | REST CPU ms | gRPC CPU ms | ratio |");
        report.Line("|---|---|---|---|---|---|---|");

        using var restConnection = new Connection(_target.Address);
        using var grpcConnection = new GrpcConnection(InferCall, _message.ToByteArray());
        await grpcConnection.ConnectAsync(_grpcAddress);
        await CompareAsync(
            "prepared bytes", () => restConnection.ExchangeAsync(_restRequest).AsTask(), grpcConnection.ExchangeAsync);

        using var http = new HttpClient();
        using var channel = GrpcChannel.ForAddress(_grpcAddress);
        var calls = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        await CompareAsync(
            "HttpClient, Grpc.Net.Client", () => SendAsync(http),
            async () => (await calls.ModelInferAsync(_message)).RawOutputContents.Count == 1);

        async Task CompareAsync(string client, Func<Task<bool>> rest, Func<Task<bool>> grpc)
        {
            // Until the run time has compiled everything for good.
            await MeasureAsync(rest, grpc, 2 * duration);
            var cells = new (Cell OfRest, Cell OfGrpc)[rounds];
            for (int round = 0; round < rounds; round++)
            {
                cells[round] = await MeasureAsync(rest, grpc, 2 * duration);
            }

            double[] ratios = [.. cells.Select(cell => cell.OfGrpc.Latency / cell.OfRest.Latency)];
            report.Line(
                $"| {client} | {cells.Select(cell => cell.OfRest.Latency).Median():F3} | "
                + $"{cells.Select(cell => cell.OfGrpc.Latency).Median():F3} | "
                + $"{ratios.Median():F2} ({ratios.Min():F2} to {ratios.Max():F2}) | "
                + $"{cells.Select(cell => cell.OfRest.Cpu).Median():F3} | "
                + $"{cells.Select(cell => cell.OfGrpc.Cpu).Median():F3} | "
                + $"{cells.Select(cell => cell.OfGrpc.Cpu / cell.OfRest.Cpu).Median():F2} |");
        }
    }

    private async Task<(Cell OfRest, Cell OfGrpc)> MeasureAsync(
        Func<Task<bool>> rest, Func<Task<bool>> grpc, TimeSpan duration)
    {
        var ofRest = new Latencies();
        var ofGrpc = new Latencies();
        TimeSpan restCpu = TimeSpan.Zero;
        TimeSpan grpcCpu = TimeSpan.Zero;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            restCpu += await SendTurnAsync(rest, ofRest);
            grpcCpu += await SendTurnAsync(grpc, ofGrpc);
        }

        return (
            new Cell(ofRest.Quantile(0.5), restCpu.TotalMilliseconds / ofRest.Count),
            new Cell(ofGrpc.Quantile(0.5), grpcCpu.TotalMilliseconds / ofGrpc.Count));
    }

    /// <returns>The CPU time of the service.</returns>
    private async Task<TimeSpan> SendTurnAsync(Func<Task<bool>> send, Latencies latencies)
    {
        TimeSpan before = _target.CpuTime;
        for (int i = 0; i < Turn; i++)
        {
            long start = Stopwatch.GetTimestamp();
            if (!await send())
            {
                throw new InvalidOperationException("The service did not answer a request.");
            }

            latencies.Add(Stopwatch.GetElapsedTime(start));
        }

        return _target.CpuTime - before;
    }

    private async Task<bool> SendAsync(HttpClient http)
    {
        using var content = new ByteArrayContent(_restBody);
        content.Headers.Add("Content-Type", "application/octet-stream");
        content.Headers.Add("Inference-Header-Content-Length", _jsonBytes);
        using HttpResponseMessage response =
            await http.PostAsync(new Uri(_target.Address, Uploads.InferPath), content);
        return response.IsSuccessStatusCode && (await response.Content.ReadAsByteArrayAsync()).Length > 0;
    }

    /// <summary>One protocol in one round, in milliseconds a request.</summary>
    private readonly record struct Cell(double Latency, double Cpu);
}
