using Grpc.Core;
using Grpc.Net.Client;
using MnistLstm.Api.OpenInference.Wire;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Tests.OpenInference;

/// <summary>The service with its gRPC port in its own process, whose metrics count nothing of other tests.</summary>
internal sealed class GrpcProcess : IAsyncDisposable
{
    /// <summary>Pictures of <see cref="SlowRequest"/>.</summary>
    public const int SlowPictures = 100;

    private readonly GrpcChannel _channel;

    private GrpcProcess(ServiceProcess service, int port)
    {
        Service = service;
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
        Calls = new GRPCInferenceService.GRPCInferenceServiceClient(_channel);
    }

    /// <summary>
    /// Pictures that take more than a second to decode on any machine. Their files are small, so that a client has sent
    /// them before a deadline: one that still sends may see the reset of the stream before the status.
    /// </summary>
    public static ModelInferRequest SlowRequest { get; } =
        GrpcClient.Pictures([.. Enumerable.Repeat(LargePicture(side: 4000), SlowPictures)]);

    public ServiceProcess Service { get; }

    public GRPCInferenceService.GRPCInferenceServiceClient Calls { get; }

    /// <summary>Starts the service with one slot for large pictures.</summary>
    /// <param name="args">Command line beside that.</param>
    public static async Task<GrpcProcess> StartAsync(params string[] args)
    {
        int port = FaultTests.FreePort();
        return new GrpcProcess(
            await ServiceProcess.StartAsync(
                ["--grpc-port", $"{port}", "--workers", "1", "--max-request-pixels", "2000000000", .. args]),
            port);
    }

    /// <summary>Counts the pictures that were decoded since the start, once the slot for them is free.</summary>
    public async Task<double> CountDecodedAsync()
    {
        ModelInferRequest another = GrpcClient.Pictures(LargePicture(side: 1100));
        using var patience = new CancellationTokenSource(ServiceProcess.Patience);
        while (true)
        {
            try
            {
                await Calls.ModelInferAsync(another, cancellationToken: patience.Token);
                return await Service.CountDecodedAsync();
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.DeadlineExceeded)
            {
                // The slot was not free within the service's time limit.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await Service.DisposeAsync();
    }

    private static byte[] LargePicture(int side)
    {
        byte[] pixels = new byte[side * side];
        pixels.AsSpan(side / 2 * side, 100 * side).Fill(255);
        return GrayPng.Encode(pixels, side, side);
    }
}
