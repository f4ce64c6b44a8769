using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Grpc.Core;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Health;
using MnistLstm.Api.Models;
using MnistLstm.Api.OpenInference.Wire;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.OpenInference;

/// <summary>The Open Inference Protocol over gRPC, computed as over REST.</summary>
[BindServiceMethod(typeof(CheckedServiceBinder), nameof(CheckedServiceBinder.Bind))]
internal sealed class GrpcInference(
    ModelCatalog models, InferService service, InferInputReader reader, Readiness readiness, ServiceOptions options)
    : GRPCInferenceService.GRPCInferenceServiceBase
{
    /// <summary>The deadline's timer may fire this much early.</summary>
    private static readonly TimeSpan TimerResolution = TimeSpan.FromMilliseconds(50);

    public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerLiveResponse { Live = true });

    public override Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerReadyResponse { Ready = readiness.IsReady });

    public override Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context)
    {
        Find(request.Name, request.Version);
        return Task.FromResult(new ModelReadyResponse { Ready = readiness.IsReady });
    }

    public override Task<ServerMetadataResponse> ServerMetadata(
        ServerMetadataRequest request, ServerCallContext context)
    {
        var own = OpenInference.ServerMetadata.Own;
        return Task.FromResult(new ServerMetadataResponse
        {
            Name = own.Name,
            Version = own.Version,
            Extensions = { "classification" },
        });
    }

    public override Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context)
    {
        var metadata = OpenInference.ModelMetadata.Of(Find(request.Name, request.Version), options);
        return Task.FromResult(new ModelMetadataResponse
        {
            Name = metadata.Name,
            Versions = { metadata.Versions },
            Platform = metadata.Platform,
            Inputs = { metadata.Inputs.Select(Describe) },
            Outputs = { metadata.Outputs.Select(Describe) },
        });
    }

    public override async Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context)
    {
        ServedModel model = Find(request.ModelName, request.ModelVersion);
        using var inference = new InferContext();
        Problem? problem = null;
        try
        {
            problem = await service.RunAsync(
                inference, model, Version(request.ModelVersion), request.CalculateSize() > PictureReader.ShortBytes,
                () => Read(request, inference), Deadline.After(context.Deadline - DateTime.UtcNow),
                context.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The deadline cancels the token too; the status says whether it was the deadline or the client.
        }

        if (inference.Model is null)
        {
            bool isLate = context.Deadline - DateTime.UtcNow < TimerResolution;
            throw problem?.ToException()
                ?? new RpcException(isLate ? new Status(StatusCode.DeadlineExceeded, "") : Status.DefaultCancelled);
        }

        return new ModelInferResponse
        {
            ModelName = inference.Model.Name,
            ModelVersion = inference.Model.Version,
            Id = request.Id,
            Outputs = { inference.Outputs.Select(Describe) },
            RawOutputContents =
            {
                inference.Outputs.Where(output => output.Raw is not null)
                    .Select(output => UnsafeByteOperations.UnsafeWrap(output.Raw)),
            },
        };
    }

    private static ModelInferResponse.Types.InferOutputTensor Describe(InferOutputTensor output) =>
        new()
        {
            Name = output.Name,
            Datatype = output.Datatype,
            Shape = { output.Shape.Select(length => (long)length) },
            Contents = output.Data switch
            {
                float[] values => new() { Fp32Contents = { values } },
                string[] texts => new() { BytesContents = { texts.Select(ByteString.CopyFromUtf8) } },
                _ => null,
            },
        };

    private static ModelMetadataResponse.Types.TensorMetadata Describe(TensorMetadata tensor) =>
        new()
        {
            Name = tensor.Name,
            Datatype = tensor.Datatype,
            Shape = { tensor.Shape.Select(length => (long)length) },
        };

    private static string? Version(string version) => version.Length == 0 ? null : version;

    private ServedModel Find(string name, string version)
    {
        ServedModel model = models.Default;
        return models.Find(name, Version(version), ref model) is { } problem ? throw problem.ToException() : model;
    }

    private string? Read(ModelInferRequest request, InferContext inference) =>
        inference.Accept(
            request.Id, isRaw: request.RawInputContents.Count > 0,
            request.Outputs.Select(output => new InferRequestedOutput(
                output.Name, new InferParameters(Classification: FindClasses(output.Parameters)))),
            request.Inputs.Count)
        ?? ReadInput(request.Inputs[0], request.RawInputContents, inference);

    private static int? FindClasses(MapField<string, InferParameter> parameters) =>
        !parameters.TryGetValue("classification", out InferParameter? parameter) ? null
        : parameter.ParameterChoiceCase switch
        {
            InferParameter.ParameterChoiceOneofCase.Int64Param =>
                (int)Math.Clamp(parameter.Int64Param, 0, int.MaxValue),
            InferParameter.ParameterChoiceOneofCase.Uint64Param => (int)Math.Min(parameter.Uint64Param, int.MaxValue),
            _ => 0,
        };

    private string? ReadInput(
        ModelInferRequest.Types.InferInputTensor input, RepeatedField<ByteString> raw, InferContext inference)
    {
        const string Name = InferInputReader.Name;
        bool isBytes = input.Datatype == InferenceProtocol.Bytes;
        bool isShared = input.Parameters.ContainsKey("shared_memory_region");
        InferTensorContents contents = input.Contents ?? new();
        int count = isBytes ? contents.BytesContents.Count : contents.Fp32Contents.Count;
        return reader.FindProblem(
            input.Name, input.Datatype, input.Shape, isShared, ("contents", input.Contents is not null),
            ("raw_input_contents", raw is [var first, ..] ? first.Length : null))
            ?? (raw.Count > 1 ? $"The request has {raw.Count} 'raw_input_contents' and one input."
                : raw.Count == 1 ? reader.ReadRaw(inference, input.Datatype, raw[0].Memory, input.Shape[0])
                : contents.CalculateSize() > 0 && count == 0
                    ? $"The {Name} of datatype {input.Datatype} takes its values in "
                        + $"'{(isBytes ? "bytes_contents" : "fp32_contents")}'."
                : InferInputReader.FindCountProblem(input.Datatype, input.Shape, count) is { } problem ? problem
                : isBytes ? reader.ReadPictures(
                    inference, [.. contents.BytesContents.Select(file => new RequestPicture(file.Memory))])
                : InferInputReader.ReadRows(inference, MemoryMarshal.AsBytes<float>([.. contents.Fp32Contents])));
    }
}
