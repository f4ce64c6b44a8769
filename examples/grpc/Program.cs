// Run: dotnet run --project examples/grpc http://localhost:8081 docs/images/five.png
// Prints: 5
// gRPC is off by default. Start the service with: dotnet run --project src/Api -c Release -- --grpc-port 8081
using Google.Protobuf;
using Grpc.Net.Client;
using MnistLstm.Api.OpenInference.Wire;

using var channel = GrpcChannel.ForAddress(args[0]);
var calls = new GRPCInferenceService.GRPCInferenceServiceClient(channel);

var picture = new ModelInferRequest.Types.InferInputTensor
{
    Name = "rows",
    Datatype = "BYTES",
    Shape = { 1 },
    Contents = new InferTensorContents { BytesContents = { ByteString.CopyFrom(File.ReadAllBytes(args[1])) } },
};
ModelInferResponse answer = await calls.ModelInferAsync(
    new ModelInferRequest { ModelName = "digits", Inputs = { picture } }, deadline: DateTime.UtcNow.AddSeconds(10));

var probabilities = answer.Outputs.Single(output => output.Name == "probabilities").Contents.Fp32Contents;
Console.WriteLine(probabilities.IndexOf(probabilities.Max()));
