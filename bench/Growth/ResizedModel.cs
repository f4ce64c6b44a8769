using System.Runtime.InteropServices;
using Google.Protobuf;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Growth;

/// <summary>
/// A float model's graph with matrices of another hidden size: as fast as a trained one, and it knows nothing.
/// </summary>
internal static class ResizedModel
{
    /// <param name="file">A model file with float weights, as the trainer writes it.</param>
    /// <param name="hidden">H.</param>
    public static byte[] Write(byte[] file, int hidden)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(file);
        NodeProto lstm = model.Graph.Node.Single(node => node.OpType == "LSTM");
        NodeProto output = model.Graph.Node.Single(node => node.OpType == "Gemm");
        lstm.Attribute.Single(attribute => attribute.Name == "hidden_size").I = hidden;

        // W [1, 4H, I], R [1, 4H, H], B [1, 8H], and the weights of the output [C, H].
        Fill(model.Graph, lstm.Input[1], hidden, 1, 4 * hidden, RowSequence.Features);
        Fill(model.Graph, lstm.Input[2], hidden, 1, 4 * hidden, hidden);
        Fill(model.Graph, lstm.Input[3], hidden, 1, 8 * hidden);
        Fill(model.Graph, output.Input[1], hidden, ModelContract.Classes, hidden);
        return model.ToByteArray();
    }

    /// <summary>The number of parameters of LSTM, with its two biases, and output.</summary>
    public static int Parameters(int hidden) =>
        (4 * hidden * (RowSequence.Features + hidden)) + (8 * hidden) + (ModelContract.Classes * (hidden + 1));

    /// <summary>Evenly between ±1/√H, as PyTorch begins to train.</summary>
    private static void Fill(GraphProto graph, string name, int hidden, params long[] shape)
    {
        TensorProto tensor = graph.Initializer.Single(initializer => initializer.Name == name);
        var random = new Random(Seed: hidden);
        float limit = 1 / MathF.Sqrt(hidden);
        float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (length, side) => length * side))
            .Select(_ => limit * ((2 * random.NextSingle()) - 1))];
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
        tensor.Dims.Clear();
        tensor.Dims.Add(shape);
    }
}
