using System.Collections;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Grpc.Core;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Health;
using MnistLstm.Api.Models;
using MnistLstm.Api.OpenInference.Wire;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Uploads;

namespace MnistLstm.Api.OpenInference;

/// <summary>The Open Inference Protocol over gRPC, computed as over REST.</summary>
[BindServiceMethod(typeof(CheckedServiceBinder), nameof(CheckedServiceBinder.Bind))]
internal sealed class GrpcInference(
    ModelCatalog models, InferService service, Readiness readiness, ServiceOptions options)
    : GRPCInferenceService.GRPCInferenceServiceBase
{
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
        ServerMetadataRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerMetadataResponse
        {
            Name = OpenInference.ServerMetadata.Own.Name,
            Version = OpenInference.ServerMetadata.Own.Version,
            Extensions = { "classification" },
        });

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
        (Problem? Problem, InferResponse? Response) outcome = default;
        try
        {
            outcome = await service.RunAsync(
                model, request.ModelVersion, request.CalculateSize() > PictureReader.ShortBytes,
                inference => Read(request, inference),
                context.GetHttpContext().Features.Get<GrpcBody>()!.Deadline, context.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The client has canceled the call. At the deadline, the library ends it before it cancels the token.
        }

        InferResponse response = outcome.Response
            ?? throw outcome.Problem?.ToException() ?? new RpcException(Status.DefaultCancelled);
        IEnumerable<byte[]> raw = response.Outputs.Select(output => output.Raw).OfType<byte[]>();
        return new ModelInferResponse
        {
            ModelName = response.ModelName,
            ModelVersion = response.ModelVersion,
            Id = request.Id,
            Outputs = { response.Outputs.Select(Describe) },
            RawOutputContents = { raw.Select(bytes => UnsafeByteOperations.UnsafeWrap(bytes)) },
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
        new() { Name = tensor.Name, Datatype = tensor.Datatype, Shape = { tensor.Shape.Select(n => (long)n) } };

    private ServedModel Find(string name, string version) =>
        models.Find(name, version, out ServedModel model) is { } problem ? throw problem.ToException() : model;

    /// <summary>Reads a message like a request over REST.</summary>
    /// <returns>A sentence that names the problem, or null if there is none.</returns>
    private static string? Read(ModelInferRequest request, InferContext inference) =>
        inference.Read(new InferRequest(
            [.. request.Inputs.Select(input => new InferInputTensor(
                input.Name, [.. input.Shape], input.Datatype, Convert(input.Parameters)))],
            [.. request.Outputs.Select(output => new InferRequestedOutput(output.Name, Convert(output.Parameters)))],
            request.Id, new InferParameters(BinaryDataOutput: request.RawInputContents.Count > 0)))
        ?? (request.Inputs[0].Contents, request.RawInputContents) switch
        {
            (null, [var raw]) => inference.ReadRaw(raw.Memory),
            ({ } contents, []) when InferTensorContents.Descriptor.Fields.InFieldNumberOrder()
                .Count(field => ((ICollection)field.Accessor.GetValue(contents)).Count > 0) > 1 =>
                $"The 'contents' of the {InferContext.Name} must have values of one type.",
            ({ } contents, []) when inference.Input.Datatype == InferenceProtocol.Bytes =>
                inference.ReadPictures([.. contents.BytesContents.Select(file => new RequestPicture(file.Memory))]),
            ({ } contents, []) =>
                inference.ReadRows(MemoryMarshal.AsBytes(UnsafeCollectionOperations.AsSpan(contents.Fp32Contents))),
            _ => $"The {InferContext.Name} must have its values in either 'contents' or one of 'raw_input_contents'.",
        };

    /// <summary>Classes of another type than a number count as 0.</summary>
    private static InferParameters Convert(MapField<string, InferParameter> parameters) => new(
        SharedMemoryRegion: parameters.ContainsKey("shared_memory_region") ? "" : null,
        Classification: parameters.TryGetValue("classification", out InferParameter? classes)
            ? (int)Int128.Clamp(classes.Int64Param + (Int128)classes.Uint64Param, 0, int.MaxValue)
            : null);
}
