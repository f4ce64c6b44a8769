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

/// <summary>The Open Inference Protocol over gRPC: the same calls as over REST.</summary>
[BindServiceMethod(typeof(GrpcBinding), nameof(GrpcBinding.Bind))]
internal sealed class GrpcInference(
    ModelCatalog models, InferService service, InferInputReader reader, Readiness readiness, ServiceOptions options)
    : GRPCInferenceService.GRPCInferenceServiceBase
{
    private const string Name = InferInput.Name;

    /// <summary>A timer may fire so much before the clock shows its time.</summary>
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

    public override Task<ServerMetadataResponse> ServerMetadata(ServerMetadataRequest request, ServerCallContext context)
    {
        var own = OpenInference.ServerMetadata.Own;
        return Task.FromResult(new ServerMetadataResponse { Name = own.Name, Version = own.Version, Extensions = { "classification" } });
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
        bool isLong = request.CalculateSize() > PictureReader.ShortBytes;
        InferResult result = await service.RunAsync(
            model, Version(request.ModelVersion), isLong, call => Read(request, call),
            Deadline.After(context.Deadline - DateTime.UtcNow), context.CancellationToken);
        if (result.Model is null)
        {
            bool isLate = context.Deadline - DateTime.UtcNow < TimerResolution;
            throw result.Problem?.ToException()
                ?? new RpcException(isLate ? new Status(StatusCode.DeadlineExceeded, "") : Status.DefaultCancelled);
        }

        var response = new ModelInferResponse { ModelName = result.Model.Name, ModelVersion = result.Model.Version, Id = request.Id };
        foreach (InferOutput output in result.Outputs!)
        {
            bool isRaw = request.RawInputContents.Count > 0;
            response.Outputs.Add(new ModelInferResponse.Types.InferOutputTensor
            {
                Name = output.Requested.Name,
                Datatype = output.Datatype,
                Shape = { output.Shape[0], output.Shape[1] },
                Contents = isRaw ? null : Contents(output),
            });
            if (isRaw)
            {
                response.RawOutputContents.Add(UnsafeByteOperations.UnsafeWrap(output.ToRaw()));
            }
        }

        return response;
    }

    private static ModelMetadataResponse.Types.TensorMetadata Describe(TensorMetadata tensor) =>
        new() { Name = tensor.Name, Datatype = tensor.Datatype, Shape = { tensor.Shape.Select(length => (long)length) } };

    private static InferTensorContents Contents(InferOutput output) => output.Texts is { } texts
        ? new() { BytesContents = { texts.Select(ByteString.CopyFromUtf8) } }
        : new() { Fp32Contents = { output.Values } };

    private static string? Version(string version) => version.Length == 0 ? null : version;

    private ServedModel Find(string name, string version)
    {
        ServedModel model = models.Default;
        return ModelRoute.Find(name, Version(version), models, ref model) is { } problem ? throw problem.ToException() : model;
    }

    private InferInput Read(ModelInferRequest request, InferCall call)
    {
        string? problem = request.Id.Length > Excerpt.MaxLength
            ? $"A name or an id may have {Excerpt.MaxLength} characters, and '{Excerpt.Of(request.Id)}' has more."
            : InferInputReader.FindProblem(request.Inputs.Count);
        foreach (ModelInferRequest.Types.InferRequestedOutputTensor output in request.Outputs)
        {
            problem ??= ReadOutput(output, call);
        }

        if (problem is not null)
        {
            return InferInput.Refuse(problem);
        }

        ModelInferRequest.Types.InferInputTensor input = request.Inputs[0];
        problem = reader.FindProblem(input.Name, input.Datatype, input.Shape) ?? FindDataProblem(input, request.RawInputContents);
        if (problem is not null)
        {
            return InferInput.Refuse(problem);
        }

        int count = (int)input.Shape[0];
        return request.RawInputContents.Count > 0 ? reader.ReadRaw(input.Datatype, request.RawInputContents[0].Memory, count)
            : input.Datatype == InferenceProtocol.Bytes
                ? reader.ReadPictures([.. input.Contents.BytesContents.Select(file => new RequestPicture(file.Memory))])
            : InferInputReader.ReadRows(MemoryMarshal.AsBytes<float>([.. input.Contents.Fp32Contents]), count);
    }

    private static string? ReadOutput(ModelInferRequest.Types.InferRequestedOutputTensor output, InferCall call)
    {
        const string Classification = "classification";
        int? classes = null;
        if (output.Parameters.TryGetValue(Classification, out InferParameter? parameter))
        {
            classes = parameter.ParameterChoiceCase switch
            {
                InferParameter.ParameterChoiceOneofCase.Int64Param => (int)Math.Clamp(parameter.Int64Param, 0, int.MaxValue),
                InferParameter.ParameterChoiceOneofCase.Uint64Param => (int)Math.Min(parameter.Uint64Param, int.MaxValue),
                _ => 0,
            };
        }

        return call.Add(new RequestedOutput(output.Name, Classes: classes));
    }

    private static string? FindDataProblem(ModelInferRequest.Types.InferInputTensor input, RepeatedField<ByteString> raw)
    {
        if (input.Parameters.ContainsKey("shared_memory_region"))
        {
            return InferInputReader.NoSharedMemory;
        }

        if (raw.Count > 0)
        {
            return raw.Count > 1 ? $"The request has {raw.Count} 'raw_input_contents' and one input."
                : input.Contents is not null ? $"The {Name} has both 'contents' and 'raw_input_contents': give one of them."
                : InferInputReader.FindSizeProblem(input.Datatype, input.Shape, raw[0].Length, "'raw_input_contents' of");
        }

        if (input.Contents is not { } contents)
        {
            return $"The {Name} has neither 'contents' nor 'raw_input_contents'.";
        }

        bool isBytes = input.Datatype == InferenceProtocol.Bytes;
        int count = isBytes ? contents.BytesContents.Count : contents.Fp32Contents.Count;
        return contents.CalculateSize() > 0 && count == 0
            ? $"The {Name} of datatype {input.Datatype} takes its values in '{(isBytes ? "bytes_contents" : "fp32_contents")}'."
            : InferInputReader.FindCountProblem(input.Datatype, input.Shape, count);
    }
}
