using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using MnistLstm.Api.OpenInference.Wire;

namespace MnistLstm.Api.Tests.OpenInference;

/// <summary>The service with its gRPC port, and a channel to it.</summary>
internal sealed class GrpcClient : IAsyncDisposable
{
    private GrpcClient(RunningService service)
    {
        Service = service;
        Address =
            service.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Last();
        Channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = null,
            MaxSendMessageSize = null,
        });
        Calls = new GRPCInferenceService.GRPCInferenceServiceClient(Channel);
    }

    public RunningService Service { get; }

    public string Address { get; }

    public GrpcChannel Channel { get; }

    public GRPCInferenceService.GRPCInferenceServiceClient Calls { get; }

    /// <param name="args">Command line beside the addresses.</param>
    public static async Task<GrpcClient> StartAsync(params string[] args) =>
        new(await RunningService.StartAsync(["--grpc-port", "0", .. args]));

    /// <summary>Rows in <c>contents</c>.</summary>
    public static ModelInferRequest Rows(float[] rows, string model = "digits") => new()
    {
        ModelName = model,
        Inputs =
        {
            new ModelInferRequest.Types.InferInputTensor
            {
                Name = "rows",
                Datatype = "FP32",
                Shape = { rows.Length / 784, 28, 28 },
                Contents = new InferTensorContents { Fp32Contents = { rows } },
            },
        },
    };

    /// <summary>Rows in <c>raw_input_contents</c>.</summary>
    public static ModelInferRequest RawRows(float[] rows, string model = "digits")
    {
        ModelInferRequest request = Rows(rows, model);
        request.Inputs[0].Contents = null;
        request.RawInputContents.Add(ByteString.CopyFrom(InferRequests.RawBytes(rows)));
        return request;
    }

    /// <summary>Image files in <c>contents</c>.</summary>
    public static ModelInferRequest Pictures(params byte[][] files) => new()
    {
        ModelName = "digits",
        Inputs =
        {
            new ModelInferRequest.Types.InferInputTensor
            {
                Name = "rows",
                Datatype = "BYTES",
                Shape = { files.Length },
                Contents = new InferTensorContents
                {
                    BytesContents = { files.Select(file => ByteString.CopyFrom(file)) },
                },
            },
        },
    };

    /// <summary>A call whose message is any bytes.</summary>
    public async Task<RpcException?> SendBytesAsync(
        byte[] message, string call = "ModelInfer", CallOptions options = default)
    {
        Marshaller<byte[]> bytes = Marshallers.Create(value => value, value => value);
        var method = new Method<byte[], byte[]>(MethodType.Unary, "inference.GRPCInferenceService", call, bytes, bytes);
        try
        {
            await Channel.CreateCallInvoker().AsyncUnaryCall(method, host: null, options, message);
            return null;
        }
        catch (RpcException e)
        {
            return e;
        }
    }

    /// <summary>Ends the service in order, with the channel still open.</summary>
    public ValueTask DisposeServiceAsync() => Service.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await Service.DisposeAsync();
    }
}

internal static class GrpcAnswers
{
    public static float[] Values(this ModelInferResponse answer, string output)
    {
        int index = answer.Outputs.Select(one => one.Name).ToList().IndexOf(output);
        return answer.RawOutputContents.Count > 0
            ? MemoryMarshal.Cast<byte, float>(answer.RawOutputContents[index].Span).ToArray()
            : [.. answer.Outputs[index].Contents.Fp32Contents];
    }

    /// <summary>The status with which a call ends.</summary>
    public static async Task<Status> ShouldFailAsync(this AsyncUnaryCall<ModelInferResponse> call) =>
        (await Should.ThrowAsync<RpcException>(() => call.ResponseAsync)).Status;
}
