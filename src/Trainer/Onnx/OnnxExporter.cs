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

    /// <param name="card">Written into the metadata without what differs from run to run.</param>
    /// <returns>The file. The same weights and card give the same bytes.</returns>
    public static byte[] Export(LstmClassifier network, double temperature, ModelCard card)
    {
        var graph = new GraphProto { Name = "mnist-lstm" };
        graph.Input.Add(Value(ModelContract.Input, RowSequence.TimeSteps, RowSequence.Features));
        graph.Output.Add(Value(ModelContract.Probabilities, ModelContract.Classes));
        graph.Output.Add(Value(ModelContract.Logits, ModelContract.Classes));

        int hidden = network.HiddenSize;
        float[] biases = [.. ReorderGates(network.InputBias, hidden), .. ReorderGates(network.RecurrentBias, hidden)];
        graph.Initializer.Add(
            Floats(InputWeights, ReorderGates(network.InputWeights, hidden), 1, 4 * hidden, RowSequence.Features));
        graph.Initializer.Add(
            Floats(RecurrentWeights, ReorderGates(network.RecurrentWeights, hidden), 1, 4 * hidden, hidden));
        graph.Initializer.Add(Floats(Biases, biases, 1, 8 * hidden));
        graph.Initializer.Add(Floats(OutputWeights, Values(network.OutputWeights), ModelContract.Classes, hidden));
        graph.Initializer.Add(Floats(OutputBias, Values(network.OutputBias), ModelContract.Classes));
        graph.Initializer.Add(Floats(Temperature, [(float)temperature]));
        graph.Initializer.Add(Integers("direction", [0]));

        // ONNX Runtime reads time-major sequences alone (layout 0).
        // [N, T, I] → [T, N, I].
        graph.Node.Add(Node("Transpose", [ModelContract.Input], ["steps"], IntegerList("perm", [1, 0, 2])));
        graph.Node.Add(Node(
            // → [1, N, H].
            "LSTM", ["steps", InputWeights, RecurrentWeights, Biases], ["", "last"], Integer("hidden_size", hidden)));
        graph.Node.Add(Node("Squeeze", ["last", "direction"], ["output"])); // → [N, H]
        // → [N, C].
        graph.Node.Add(
            Node("Gemm", ["output", OutputWeights, OutputBias], [ModelContract.Logits], Integer("transB", 1)));
        graph.Node.Add(Node("Div", [ModelContract.Logits, Temperature], ["tempered"]));
        graph.Node.Add(Node("Softmax", ["tempered"], [ModelContract.Probabilities], Integer("axis", -1)));

        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "mnist-lstm",
            Graph = graph,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = ModelContract.MaxOpset });
        model.MetadataProps.Add(new StringStringEntryProto
        {
            Key = ModelContract.CardKey,
            Value = (card with { Run = null, ModelSha256 = null }).ToJson(),
        });
        return model.ToByteArray();
    }

    /// <summary>[4H, …] in PyTorch's order of gates → the same in ONNX's.</summary>
    private static float[] ReorderGates(Tensor weights, int hidden)
    {
        float[] values = Values(weights);
        int gate = values.Length / (4 * hidden) * hidden;
        var reordered = new float[values.Length];
        for (int g = 0; g < GateOrder.Length; g++)
        {
            values.AsSpan(GateOrder[g] * gate, gate).CopyTo(reordered.AsSpan(g * gate));
        }

        return reordered;
    }

    /// <summary>[4H, …] in ONNX's order of gates → the same in PyTorch's.</summary>
    internal static float[] ToTorchGates(ReadOnlySpan<float> values, int hidden)
    {
        int gate = values.Length / (4 * hidden) * hidden;
        var reordered = new float[values.Length];
        for (int g = 0; g < GateOrder.Length; g++)
        {
            values.Slice(g * gate, gate).CopyTo(reordered.AsSpan(GateOrder[g] * gate));
        }

        return reordered;
    }

    private static float[] Values(Tensor tensor) => [.. tensor.data<float>()];

    internal static TensorProto Floats(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape)
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = (int)TensorProto.Types.DataType.Float,
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)),
        };
        tensor.Dims.Add(shape.ToArray());
        return tensor;
    }

    internal static TensorProto Integers(string name, ReadOnlySpan<long> values)
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = (int)TensorProto.Types.DataType.Int64,
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)),
        };
        tensor.Dims.Add(values.Length);
        return tensor;
    }

    private static ValueInfoProto Value(string name, params ReadOnlySpan<int> itemShape)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "N" });
        foreach (int size in itemShape)
        {
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor
                {
                    ElemType = (int)TensorProto.Types.DataType.Float,
                    Shape = shape,
                },
            },
        };
    }

    internal static NodeProto Node(string type, string[] inputs, string[] outputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = type, Name = type };
        node.Input.Add(inputs);
        node.Output.Add(outputs);
        node.Attribute.Add(attributes);
        return node;
    }

    private static AttributeProto Integer(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    private static AttributeProto IntegerList(string name, long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.Add(values);
        return attribute;
    }
}
