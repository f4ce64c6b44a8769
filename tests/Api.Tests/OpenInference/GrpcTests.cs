using System.Net.Http.Headers;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using MnistLstm.Api.OpenInference.Wire;
using WrongCall = (
    System.Action<MnistLstm.Api.OpenInference.Wire.ModelInferRequest> Change, Grpc.Core.StatusCode Code, string Words);

namespace MnistLstm.Api.Tests.OpenInference;

/// <summary>The Open Inference Protocol over gRPC, by a real channel.</summary>
public sealed class GrpcTests(GrpcTests.Fixture fixture) : IClassFixture<GrpcTests.Fixture>
{
    private const int MaxMessageBytes = 5_000_000;

    /// <summary>Far less than the slow request takes.</summary>
    private static readonly TimeSpan ShortTime = TimeSpan.FromMilliseconds(300);

    private static readonly float[] Sample = InferRequests.Sample;

    /// <summary>
    /// Invalid requests: the name of the defect, how to cause it, the status, and words of the message.
    /// </summary>
    private static readonly Dictionary<string, WrongCall> Wrong = new()
    {
        ["unknown model"] = (r => r.ModelName = "nobody", StatusCode.NotFound, "There is no model 'nobody'"),
        ["empty model"] = (r => r.ModelName = "", StatusCode.NotFound, "There is no model ''"),
        ["unknown version"] = (r => r.ModelVersion = "7", StatusCode.NotFound, "has no version '7'"),
        ["no input"] = (r => r.Inputs.Clear(), StatusCode.InvalidArgument, "must have one input, 'rows'"),
        ["two inputs"] = (r => r.Inputs.Add(r.Inputs[0].Clone()), StatusCode.InvalidArgument,
            "must have one input, 'rows'"),
        ["unknown input"] = (r => r.Inputs[0].Name = "image", StatusCode.InvalidArgument, "There is no input 'image'"),
        ["unnamed input"] = (r => r.Inputs[0].Name = "", StatusCode.InvalidArgument, "There is no input ''"),
        ["another datatype"] = (r =>
            r.Inputs[0].Datatype = "INT64", StatusCode.InvalidArgument, "FP32 or BYTES, not 'INT64'"),
        ["no datatype"] = (r => r.Inputs[0].Datatype = "", StatusCode.InvalidArgument, "FP32 or BYTES, not ''"),
        ["no shape"] = (r => r.Inputs[0].Shape.Clear(), StatusCode.InvalidArgument, "not []"),
        ["27 columns"] = (r => r.Inputs[0].Shape[2] = 27, StatusCode.InvalidArgument, "not [1, 28, 27]"),
        ["no image"] = (r => r.Inputs[0].Shape[0] = 0, StatusCode.InvalidArgument, "has 0 images"),
        ["-1 images"] = (r => r.Inputs[0].Shape[0] = -1, StatusCode.InvalidArgument, "has -1 images"),
        ["2^62 images"] = (r =>
            r.Inputs[0].Shape[0] = 1L << 62, StatusCode.ResourceExhausted, "one request may have 1 to 1024"),
        ["1,000 dimensions"] = (r => r.Inputs[0].Shape.Add(new long[1000]), StatusCode.InvalidArgument, "0, 0, …]"),
        ["783 values"] = (r =>
            r.Inputs[0].Contents.Fp32Contents.RemoveAt(0), StatusCode.InvalidArgument,
                "wrong number of FP32 values: 783, not the 784"),
        ["no values"] = (r =>
            r.Inputs[0].Contents = null, StatusCode.InvalidArgument, "in either 'contents' or one of"),
        ["values of another field"] = (
            r => r.Inputs[0].Contents = new InferTensorContents { Fp64Contents = { new double[784] } },
                StatusCode.InvalidArgument, "wrong number of FP32 values: 0, not the 784"),
        ["NaN"] = (r =>
            r.Inputs[0].Contents.Fp32Contents[5] = float.NaN, StatusCode.InvalidArgument, "NaN in row 0 at pixel 5"),
        ["a pixel of 255"] = (r =>
            r.Inputs[0].Contents.Fp32Contents[5] = 255, StatusCode.InvalidArgument, "value 255 in row 0"),
        ["contents and raw contents"] = (
            r => r.RawInputContents.Add(ByteString.Empty), StatusCode.InvalidArgument,
                "in either 'contents' or one of"),
        ["raw contents of 3,135 bytes"] = (r =>
            Raw(r, new byte[3135]), StatusCode.InvalidArgument, "wrong number of FP32 values: 783.75, not the 784"),
        ["raw contents of two inputs"] = (r =>
            Raw(r, new byte[3136], []), StatusCode.InvalidArgument, "in either 'contents' or one of"),
        ["an unknown output"] = (r =>
            r.Outputs.Add(Output("digit")), StatusCode.InvalidArgument, "There is no output 'digit'"),
        ["an output twice"] = (r =>
            r.Outputs.Add([Output("logits"), Output("logits")]), StatusCode.InvalidArgument, "'logits' twice"),
        ["0 classes"] = (r => r.Outputs.Add(Output("logits", new InferParameter { Int64Param = 0 })),
            StatusCode.InvalidArgument, "'classification'"),
        ["classes in words"] = (
            r => r.Outputs.Add(Output("logits", new InferParameter { StringParam = "3" })), StatusCode.InvalidArgument,
                "'classification'"),
        ["a long id"] = (r => r.Id = new string('x', 65), StatusCode.InvalidArgument, "64 characters"),
        ["shared memory"] = (
            r => r.Inputs[0].Parameters["shared_memory_region"] =
                new InferParameter { StringParam = "x" }, StatusCode.InvalidArgument, "Shared memory"),
        ["an output in shared memory"] = (
            r => r.Outputs.Add(Output("logits", new InferParameter { StringParam = "x" }, "shared_memory_region")),
                StatusCode.InvalidArgument, "Shared memory"),
        ["values of two types"] = (r =>
            r.Inputs[0].Contents.IntContents.Add(7), StatusCode.InvalidArgument, "must have values of one type"),
        ["a model name of 1 MB"] = (r =>
            r.ModelName = new string('x', 1_000_000), StatusCode.ResourceExhausted,
                "'model_name' is too long: 1000000 bytes."),
        ["text as a picture"] = (r =>
            Elements(r, "hello"u8.ToArray()), StatusCode.InvalidArgument, "Element 0 of input 'rows'"),
        ["an empty picture"] = (r => Elements(r, []), StatusCode.InvalidArgument, "has 0 bytes"),
        ["half a picture"] = (r =>
            Elements(r, InferRequests.SamplePng[..90]), StatusCode.InvalidArgument, "is damaged"),
        ["two names for one picture"] = (
            r => { Elements(r, InferRequests.SamplePng); r.Inputs[0].Shape[0] = 2; }, StatusCode.InvalidArgument,
                "wrong number of BYTES values: 1, not the 2"),
        ["more bytes than the limit"] = (r =>
            Elements(r, new byte[MaxMessageBytes]), StatusCode.ResourceExhausted, "the limit is 5000000"),
        ["a message of 1,000,000 parts"] = (
            r => r.Outputs.Add(Enumerable.Repeat(Output(""), 1_000_000)), StatusCode.ResourceExhausted,
                "more than 40000 parts"),
    };

    public static TheoryData<string> WrongNames => [.. Wrong.Keys];

    [Theory]
    [InlineData("digits")]
    [InlineData("seed")]
    public async Task Rows_get_the_same_answer_as_over_REST_bit_for_bit(string model)
    {
        JsonElement rest = await fixture.Grpc.Service.Client.InferAsync(
            InferRequests.Json(InferRequests.SampleCall()), $"/v2/models/{model}/infer");

        ModelInferResponse contents =
            await fixture.Grpc.Calls.ModelInferAsync(GrpcClient.Rows(Sample, model), cancellationToken: Stop);
        ModelInferResponse raw =
            await fixture.Grpc.Calls.ModelInferAsync(GrpcClient.RawRows(Sample, model), cancellationToken: Stop);

        contents.ModelName.ShouldBe(model);
        contents.ModelVersion.ShouldBe(rest.GetProperty("model_version").GetString());
        contents.Outputs.Select(output => output.Name).ShouldBe(["probabilities", "logits"]);
        contents.Outputs[0].Shape.ShouldBe([1, 10]);
        contents.RawOutputContents.ShouldBeEmpty();
        raw.Outputs.ShouldAllBe(output => output.Contents == null);
        foreach (string output in new[] { "probabilities", "logits" })
        {
            contents.Values(output).ShouldBe(rest.Values(output));
            raw.Values(output).ShouldBe(rest.Values(output));
        }
    }

    [Fact]
    public async Task Pictures_get_the_same_answer_as_over_REST_bit_for_bit()
    {
        byte[][] files = [InferRequests.SamplePng, ExamplePicture.Draw()];
        string data = string.Join(',', files.Select(file => $"\"{Convert.ToBase64String(file)}\""));
        JsonElement rest = await fixture.Grpc.Service.Client.InferAsync(
            InferRequests.Json(InferRequests.Call("[2]", $"[{data}]", "BYTES")));
        ModelInferRequest inRaw = GrpcClient.Pictures(files);
        Raw(inRaw, InferRequests.RawElements(files));

        ModelInferResponse contents =
            await fixture.Grpc.Calls.ModelInferAsync(GrpcClient.Pictures(files), cancellationToken: Stop);
        ModelInferResponse raw = await fixture.Grpc.Calls.ModelInferAsync(inRaw, cancellationToken: Stop);

        contents.Values("probabilities").ShouldBe(rest.Values("probabilities"));
        raw.Values("probabilities").ShouldBe(rest.Values("probabilities"));
    }

    [Fact]
    public async Task The_answer_has_the_id_and_the_requested_outputs()
    {
        ModelInferRequest request = GrpcClient.Rows(Sample);
        request.Id = "a ü 😀";
        request.Outputs.Add([Output("logits"), Output("probabilities", new InferParameter { Int64Param = 2 })]);

        ModelInferResponse answer = await fixture.Grpc.Calls.ModelInferAsync(request, cancellationToken: Stop);

        answer.Id.ShouldBe("a ü 😀");
        answer.Outputs.Select(output => output.Name).ShouldBe(["logits", "probabilities"]);
        answer.Outputs[1].Datatype.ShouldBe("BYTES");
        answer.Outputs[1].Shape.ShouldBe([1, 2]);
        answer.Outputs[1].Contents.BytesContents[0].ToStringUtf8().ShouldEndWith(":3");
    }

    [Fact]
    public async Task The_server_and_its_models_describe_themselves()
    {
        GRPCInferenceService.GRPCInferenceServiceClient calls = fixture.Grpc.Calls;

        (await calls.ServerLiveAsync(new ServerLiveRequest(), cancellationToken: Stop)).Live.ShouldBeTrue();
        (await calls.ServerReadyAsync(new ServerReadyRequest(), cancellationToken: Stop)).Ready.ShouldBeTrue();
        (await calls.ModelReadyAsync(new ModelReadyRequest { Name = "seed" },
            cancellationToken: Stop)).Ready.ShouldBeTrue();
        (await calls.ServerMetadataAsync(new ServerMetadataRequest(), cancellationToken: Stop)).Name.ShouldBe(
            "mnist-lstm");
        ModelMetadataResponse metadata =
            await calls.ModelMetadataAsync(new ModelMetadataRequest { Name = "digits" }, cancellationToken: Stop);
        metadata.Inputs.Single().Name.ShouldBe("rows");
        metadata.Inputs.Single().Shape.ShouldBe([-1, 28, 28]);
        metadata.Outputs.Select(output => output.Name).ShouldBe(["probabilities", "logits"]);
        RpcException unknown = await Should.ThrowAsync<RpcException>(
            () =>
                calls.ModelReadyAsync(new ModelReadyRequest { Name = "nobody" },
                    cancellationToken: Stop).ResponseAsync);
        unknown.StatusCode.ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public async Task The_health_and_reflection_services_answer()
    {
        var health = new Grpc.Health.V1.Health.HealthClient(fixture.Grpc.Channel);
        var reflection = new ServerReflection.ServerReflectionClient(fixture.Grpc.Channel);

        HealthCheckResponse status = await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Stop);
        using AsyncDuplexStreamingCall<ServerReflectionRequest, ServerReflectionResponse> call =
            reflection.ServerReflectionInfo(cancellationToken: Stop);
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" }, Stop);
        (await call.ResponseStream.MoveNext(Stop)).ShouldBeTrue();

        status.Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.Serving);
        call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name)
            .ShouldContain("inference.GRPCInferenceService");
    }

    [Theory]
    [MemberData(nameof(WrongNames))]
    public async Task An_invalid_request_gets_its_status_and_a_sentence(string name)
    {
        (Action<ModelInferRequest> change, StatusCode code, string words) = Wrong[name];
        ModelInferRequest request = GrpcClient.Rows(Sample);
        change(request);

        Status status = await fixture.Grpc.Calls.ModelInferAsync(request, cancellationToken: Stop).ShouldFailAsync();

        status.StatusCode.ShouldBe(code, status.Detail);
        status.Detail.ShouldContain(words);
    }

    [Fact]
    public async Task A_damaged_message_is_an_invalid_argument()
    {
        foreach (byte[] message in new byte[][] { [0xFF], [0x0A, 0xFF, 0xFF], [0x0A, 2, 0xC3, 0x28],
            [0x2A, 3, 0x0A, 9, 0x41] })
        {
            RpcException? error = await fixture.Grpc.SendBytesAsync(message);

            error!.StatusCode.ShouldBe(StatusCode.InvalidArgument);
            error.Status.Detail.ShouldStartWith("The message is damaged");
        }
    }

    [Fact]
    public async Task Unknown_calls_and_compressed_messages_are_unimplemented()
    {
        RpcException? unknown = await fixture.Grpc.SendBytesAsync([], "ModelTrain");
        RpcException? compressed = await fixture.Grpc.SendBytesAsync(
            new byte[1000], options: new CallOptions(new Metadata { { "grpc-internal-encoding-request", "gzip" } }));

        unknown!.StatusCode.ShouldBe(StatusCode.Unimplemented);
        compressed!.StatusCode.ShouldBe(StatusCode.Unimplemented);
    }

    [Fact]
    public async Task POST_to_an_address_that_takes_GET_gets_405_beside_gRPC()
    {
        using HttpResponseMessage response =
            await fixture.Grpc.Service.Client.PostAsync("/models/digits", content: null, Stop);

        ((int)response.StatusCode).ShouldBe(405);
        response.Content.Headers.Allow.ShouldBe(["GET", "HEAD"]);
    }

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/json")]
    public async Task A_call_over_HTTP_1_1_gets_a_sentence(string contentType)
    {
        using var content = new ByteArrayContent([0, 0, 0, 0, 0]);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);

        using HttpResponseMessage response = await fixture.Grpc.Service.Client.PostAsync(
            "/inference.GRPCInferenceService/ModelInfer", content, Stop);

        ((int)response.StatusCode).ShouldBe(415);
        (await response.Content.ReadAsStringAsync(Stop)).ShouldContain("This is the address of a gRPC call.");
    }

    [Fact]
    public async Task A_call_ends_at_its_deadline_or_when_its_client_cancels()
    {
        await using GrpcProcess grpc = await GrpcProcess.StartAsync();
        double before = await grpc.CountDecodedAsync();

        AsyncUnaryCall<ModelInferResponse> expired =
            grpc.Calls.ModelInferAsync(GrpcProcess.SlowRequest, deadline: DateTime.UtcNow + ShortTime);
        (await expired.ShouldFailAsync()).StatusCode.ShouldBe(StatusCode.DeadlineExceeded);
        double between = await grpc.CountDecodedAsync();
        (between - before).ShouldBeLessThan(GrpcProcess.SlowPictures);

        using var cancel = new CancellationTokenSource(ShortTime);
        AsyncUnaryCall<ModelInferResponse> canceled =
            grpc.Calls.ModelInferAsync(GrpcProcess.SlowRequest, cancellationToken: cancel.Token);
        (await canceled.ShouldFailAsync()).StatusCode.ShouldBe(StatusCode.Cancelled);
        (await grpc.CountDecodedAsync() - between).ShouldBeLessThan(GrpcProcess.SlowPictures);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static void Raw(ModelInferRequest request, params byte[][] contents)
    {
        request.Inputs[0].Contents = null;
        request.RawInputContents.Add(contents.Select(bytes => ByteString.CopyFrom(bytes)));
    }

    private static void Elements(ModelInferRequest request, byte[] file)
    {
        request.Inputs.Clear();
        request.Inputs.Add(GrpcClient.Pictures(file).Inputs);
    }

    private static ModelInferRequest.Types.InferRequestedOutputTensor Output(
        string name, InferParameter? value = null, string parameter = "classification")
    {
        var output = new ModelInferRequest.Types.InferRequestedOutputTensor { Name = name };
        if (value is not null)
        {
            output.Parameters[parameter] = value;
        }

        return output;
    }

    public sealed class Fixture : IAsyncLifetime
    {
        internal GrpcClient Grpc { get; private set; } = null!;

        public async ValueTask InitializeAsync() =>
            Grpc = await GrpcClient.StartAsync("--max-batch-upload-bytes", $"{MaxMessageBytes}");

        public ValueTask DisposeAsync() => Grpc.DisposeAsync();
    }
}
