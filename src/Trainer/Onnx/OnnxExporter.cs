using System.Runtime.InteropServices;
using Google.Protobuf;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Network;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Onnx;

/// <summary>
/// Writes an <see cref="LstmClassifier"/> as an ONNX file: Transpose → LSTM → last output → Gemm → logits → Div →
/// Softmax → probabilities. See the operators at https://onnx.ai/onnx/operators/.
/// </summary>
public static class OnnxExporter
{
    // Names of the weights in the file.
    internal const string InputWeights = "lstm.W";
    internal const string RecurrentWeights = "lstm.R";
    internal const string Biases = "lstm.B";
    internal const string OutputWeights = "fc.weight";
    internal const string OutputBias = "fc.bias";
    internal const string Temperature = "temperature";

    /// <summary>The version of ONNX's file format that came with operator set 17.</summary>
    private const long IrVersion = 8;

    /// <summary>ONNX has i o f c where PyTorch has i f g o: for each ONNX gate the place of PyTorch's.</summary>
    private static readonly int[] GateOrder = [0, 3, 1, 2];

    /// <summary>For each PyTorch gate the place of ONNX's.</summary>
    internal static readonly int[] TorchGateOrder = [0, 2, 3, 1];

    /// <returns>The file. The same weights and card give the same bytes.</returns>
    public static byte[] Export(LstmClassifier network, double temperature, ModelCard card)
    {
        int hidden = network.HiddenSize;
        float[] biases = [.. ToOnnxGates(network.InputBias), .. ToOnnxGates(network.RecurrentBias)];
        var graph = new GraphProto
        {
            Name = "mnist-lstm",
            Input = { Value(ModelContract.Input, RowSequence.TimeSteps, RowSequence.Features) },
            Output =
            {
                Value(ModelContract.Probabilities, ModelContract.Classes),
                Value(ModelContract.Logits, ModelContract.Classes),
            },
            Initializer =
            {
                Floats(InputWeights, ToOnnxGates(network.InputWeights), 1, 4 * hidden, RowSequence.Features),
                Floats(RecurrentWeights, ToOnnxGates(network.RecurrentWeights), 1, 4 * hidden, hidden),
                Floats(Biases, biases, 1, 8 * hidden),
                Floats(OutputWeights, Values(network.OutputWeights), ModelContract.Classes, hidden),
                Floats(OutputBias, Values(network.OutputBias), ModelContract.Classes),
                Floats(Temperature, [(float)temperature]),
                Integers("direction", [0]),
            },
            Node =
            {
                // [N, T, I] → [T, N, I]: ONNX Runtime reads time-major sequences alone (layout 0).
                Node("Transpose", [ModelContract.Input], ["steps"], IntegerList("perm", [1, 0, 2])),
                // → [1, N, H]
                Node("LSTM", ["steps", InputWeights, RecurrentWeights, Biases], ["", "last"],
                    Integer("hidden_size", hidden)),
                Node("Squeeze", ["last", "direction"], ["output"]), // → [N, H]
                // → [N, C]
                Node("Gemm", ["output", OutputWeights, OutputBias], [ModelContract.Logits], Integer("transB", 1)),
                Node("Div", [ModelContract.Logits, Temperature], ["tempered"]),
                Node("Softmax", ["tempered"], [ModelContract.Probabilities], Integer("axis", -1)),
            },
        };
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "mnist-lstm",
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = ModelContract.MaxOpset } },
            MetadataProps = { new StringStringEntryProto { Key = ModelContract.CardKey, Value = Metadata(card) } },
        };
        return model.ToByteArray();
    }

    /// <summary>The card without what differs from run to run.</summary>
    internal static string Metadata(ModelCard card) => (card with { Run = null, ModelSha256 = null }).ToJson();

    /// <summary>[4H, …] → the same with the gates in another order.</summary>
    internal static float[] MoveGates(ReadOnlySpan<float> values, int[] order)
    {
        int gate = values.Length / order.Length;
        var moved = new float[values.Length];
        for (int g = 0; g < order.Length; g++)
        {
            values.Slice(order[g] * gate, gate).CopyTo(moved.AsSpan(g * gate));
        }

        return moved;
    }

    private static float[] ToOnnxGates(Tensor weights) => MoveGates(Values(weights), GateOrder);

    private static float[] Values(Tensor tensor) => [.. tensor.data<float>()];

    internal static TensorProto Floats(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Initializer(name, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values), shape);

    internal static TensorProto Integers(string name, ReadOnlySpan<long> values) =>
        Initializer(name, TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes(values), values.Length);

    internal static TensorProto SignedBytes(
        string name, ReadOnlySpan<sbyte> values, params ReadOnlySpan<long> shape) =>
        Initializer(name, TensorProto.Types.DataType.Int8, MemoryMarshal.AsBytes(values), shape);

    private static TensorProto Initializer(
        string name, TensorProto.Types.DataType type, ReadOnlySpan<byte> bytes, params ReadOnlySpan<long> shape) =>
        new()
        {
            Name = name,
            DataType = (int)type,
            RawData = ByteString.CopyFrom(bytes),
            Dims = { shape.ToArray() },
        };

    private static ValueInfoProto Value(string name, params int[] itemShape)
    {
        var shape = new TensorShapeProto
        {
            Dim =
            {
                new TensorShapeProto.Types.Dimension { DimParam = "N" },
                itemShape.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }),
            },
        };
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    internal static NodeProto Node(
        string type, string[] inputs, string[] outputs, params AttributeProto[] attributes) =>
        new() { OpType = type, Name = type, Input = { inputs }, Output = { outputs }, Attribute = { attributes } };

    private static AttributeProto Integer(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    private static AttributeProto IntegerList(string name, long[] values) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };
}
